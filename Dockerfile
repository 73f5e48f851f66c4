# The image holds the static program and the certificate authorities, nothing else.
#   docker build -t warren:dev .
# A program that is built already takes the place of the first stage: `.ci/image-root DIR/image`, then
# `--build-context compiled=DIR` (`make image` does that by buildah).
ARG BASE=debian:trixie-slim

FROM ${BASE} AS compiled
WORKDIR /warren
ENV WARREN_CACHE=/var/cache/warren CCACHE_DIR=/var/cache/ccache
# A layer of its own: what is installed changes seldom.
COPY .ci/setup .ci/fetch-source .ci/debian-mirror .ci/
RUN .ci/setup build
COPY CMakeLists.txt CMakePresets.json Makefile ./
COPY .ci/image-root .ci/
COPY lib lib
COPY agent agent
ARG SOURCE_DATE_EPOCH=0
RUN --mount=type=cache,target=/var/cache/ccache make build && .ci/image-root /image && rm -rf build

FROM scratch
# That of CMakeLists.txt; tests/image compares it with what the program tells.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Warren" \
      org.opencontainers.image.description="A sidecar for RabbitMQ on Kubernetes: peers, probes, formation, Events, metrics" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=compiled /image /
# Numbers, for runAsNonRoot is checked where there is no /etc/passwd.
USER 65532:65532
ENTRYPOINT ["/warren"]
