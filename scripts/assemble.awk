# Puts SQL files together into one install script: awk -v version=0.2 -f scripts/assemble.awk FILE...
#   @include dialects/chat.json   alone on its line: the content of that file, named from the including file's folder
#   @version@                     the version
# With -v list=1 it prints the names of the included files instead: what the script is made of besides FILE...
# Fails, with nothing worth keeping printed, when an included file is missing, empty or would end its own literal.

function folder(path) { return match(path, /.*\//) ? substr(path, 1, RLENGTH) : "" }

function failed(what) {
  print FILENAME ":" FNR ": " what | "cat >&2"
  bad = 1
  exit 1
}

function include(path, line, lines, status) {
  while ((status = (getline line < path)) > 0) {
    if (index(line, "$json$")) failed(path " holds $json$, which would end the literal around it")
    print line
    lines++
  }
  close(path)
  if (status < 0) failed("cannot read " path)
  if (!lines) failed(path " is empty")
}

FNR == 1 && !list {
  if (NR > 1) print ""
  print "-- " FILENAME
}
/^[ \t]*@include[ \t]/ {
  if (NF != 2) failed("@include takes one file name and stands alone on its line")
  if (list) print folder(FILENAME) $2
  else include(folder(FILENAME) $2)
  next
}
!list {
  gsub(/@version@/, version)
  print
}
END {
  if (!bad && !list) print ""
}
