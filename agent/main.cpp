#include <iostream>

int main() {
  std::cout << "warren " WARREN_VERSION "\n";
  return 0;
}
