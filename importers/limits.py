"""What is refused before a file is parsed: too large, too well packed, too many parts. Nothing here trusts a file."""
import re
import resource
import zipfile
from pathlib import Path

from importers.tables import Wrong, later

MOST_BYTES = {"csv": 10_000_000, "xlsx": 20_000_000, "hsds": 50_000_000, "rpss": 200_000_000, "book": 20_000_000}
MOST_ROWS, MOST_COLUMNS = 20_000, 200
MOST_ITEMS = 60_000  # services of a register
MOST_UNPACKED, MOST_RATIO, MOST_PARTS = 150_000_000, 200, 2_000
MEMORY, PROCESSOR_SECONDS = 300_000_000, 120
PART = re.compile(r"[\w./ \[\]-]+")


def limit_process(memory: int = MEMORY, seconds: int = PROCESSOR_SECONDS) -> None:
    """Bounds this process, which is to read a file that nobody has seen: bytes of memory, seconds of processor."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_size(path: Path, format: str) -> None:
    """Raises Wrong where a file is empty or larger than its format may be."""
    size, most = path.stat().st_size, MOST_BYTES[format]
    if size == 0:
        raise Wrong(later("it is empty."))
    if size > most:
        raise Wrong(later("it is larger than %(most)s MB."), most=most // 1_000_000)


def check_package(path: Path) -> zipfile.ZipFile:
    """An opened ZIP whose parts are few, of honest names and not packed like a bomb; raises Wrong."""
    try:
        package = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Wrong(later("it is damaged or it is not a package of this kind.")) from error
    parts = package.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED or any(map(_is_bomb, parts)):
        raise Wrong(later("it unpacks to more than is allowed."))
    if any(part.flag_bits & 1 for part in parts):
        raise Wrong(later("it is locked by a password."))
    return package


def _is_bomb(part) -> bool:
    return part.file_size > 1_000_000 and part.file_size > MOST_RATIO * max(1, part.compress_size)
