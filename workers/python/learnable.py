"""Which modules a zygote may import for its hooks beyond those that it always has, once it has seen a hook import them.

A fixed list, of the standard library, checked by a test: none reads the environment, the clock, the folder or a file as it is
imported, draws a secret, registers a handler, a logger or a codec, or starts a thread. Left out for that are
concurrent.futures (a log handler over stderr), asyncio (a logger, a handler for forks), multiprocessing (a secret), sqlite3
(its library reads TMPDIR), xml.sax, optparse and zoneinfo (variables), http.server (a file) and ctypes; of asyncio, what it
imports is on the list.
"""
modules = load("modules")

ITSELF = """
bz2 calendar cmd contextvars email email.encoders email.generator email.header email.headerregistry email.message
email.mime.application email.mime.base email.mime.multipart email.mime.text email.parser email.policy email.utils filecmp
fileinput fractions ftplib getopt gettext graphlib gzip http http.client http.cookiejar http.cookies imaplib
ipaddress logging.config logging.handlers lzma mimetypes netrc pickle pickletools plistlib pprint quopri
reprlib sched selectors smtplib socketserver ssl statistics symtable tarfile timeit tomllib urllib urllib.error urllib.request
urllib.response urllib.robotparser xml.dom.minidom xml.etree.ElementTree xml.parsers.expat xmlrpc.client zipfile
""".split()
LEARNABLE = dict({name: (name,) for name in ITSELF}, asyncio=("ssl", "selectors", "contextvars"))


def imports_of(code):
    """The names that a script imports outside of its functions; they need not be there."""
    names = set()
    for instruction in modules.module_at("dis").get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            module = instruction.argval
            names.add(module)
        elif instruction.opname == "IMPORT_FROM":
            names.add(module + "." + instruction.argval)
    return names


def worth_importing(code, already):
    """Modules of the list, beyond those already there, that this script will ask for."""
    return {module for name in imports_of(code) for module in LEARNABLE.get(name, ())} - already
