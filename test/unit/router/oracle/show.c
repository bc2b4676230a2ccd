/* Prints its own argv and environment, each entry with its NUL, and one empty entry between them. */
#include <stdio.h>
#include <string.h>

extern char **environ;

int main(int argc, char **argv)
{
  for (int i = 0; i < argc; i++) fwrite(argv[i], 1, strlen(argv[i]) + 1, stdout);
  putchar(0);
  for (char **entry = environ; *entry; entry++) fwrite(*entry, 1, strlen(*entry) + 1, stdout);
  return 0;
}
