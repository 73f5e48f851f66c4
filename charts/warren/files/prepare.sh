# The image's own files first. What Warren has written into conf.d stays: this may run again in the same pod.
cp -r /etc/rabbitmq/. /prepared
mkdir -p /prepared/conf.d
# The limit before the settings, which may say otherwise.
echo "total_memory_available_override_value = $MEMORY_LIMIT" >/prepared/conf.d/40-memory.conf
cp /settings/rabbitmq.conf /prepared/conf.d/50-settings.conf
cp /settings/enabled_plugins /prepared/enabled_plugins
[ ! -e /settings/advanced.config ] || cp /settings/advanced.config /prepared/advanced.config
# The version is in the name of a plugin. Where the plugins lie is the image's matter; without them the tool knows, half a second later.
version=$(find "${RABBITMQ_HOME:-/usr/lib/rabbitmq}" /usr/lib/rabbitmq /opt -maxdepth 6 -path '*/plugins/rabbit-[0-9]*' 2>/dev/null |
  sed -n 's,.*/rabbit-\([0-9.]*[0-9]\).*,\1,p' | head -n 1)
[ "$version" ] || version=$(rabbitmqctl version || true)
echo "$version" >/prepared/broker-version
# The broker and its tools read the cookie here, and take it only if nobody else may read it.
umask 077
rm -f /var/lib/rabbitmq/.erlang.cookie
cp /cookie/erlang-cookie /var/lib/rabbitmq/.erlang.cookie
chmod 600 /var/lib/rabbitmq/.erlang.cookie
