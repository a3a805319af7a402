"""The language of scenarios, for editors.

Written by "scenario doc --stubs", from the builtins themselves. What a load
gives is here without one, since Python knows no load.
"""

from typing import Any, Callable, NoReturn, Sequence

def load(module: str, /, *names: str, **renamed: str) -> None:
    """Takes names from another file, a std one or one beside the script."""

def fail(*args: Any, sep: str = " ") -> NoReturn:
    """Ends the script with an error."""

def struct(**fields: Any) -> Any:
    """Makes a value with these fields."""

class _json:
    def encode(self, x: Any) -> str: ...
    def decode(self, x: str, default: Any = ...) -> Any: ...
    def indent(self, str: str, *, prefix: str = "", indent: str = "\t") -> str: ...

json: _json

def network(subnet: str, *, internet: bool = False) -> None:
    """Sets the network as the reader sees it. The lab takes another where this one is taken, and shows the reader's addresses all the same. It comes before the first node.

    Args:
      subnet (string): An IPv4 network, from /16 to /29, in one of the private ranges. The first node gets the address that ends in 2.
      internet (bool, by name, default False): Whether nodes may reach the outside.

    Example:
      network("172.17.0.0/16")
    """

def node(name: str, image: Image | None = None, *, ip: str = "", hostname: str = "", env: dict[str, str] = {}, files: dict[str, str] = {}, mounts: dict[str, str] = {}, writable: list[str] | tuple[str, ...] = [], user: str = "", workdir: str = "", command: list[str] | tuple[str, ...] | None = None, memory: str = "", cpus: float = 0, tasks: int = 0, volatile: Kind | str | Sequence[Kind | str] = []) -> Node:
    """Declares a machine of the lab. It returns at once; the machine boots in the background, beside the others, and the first step on it waits. A boot that fails ends the run at the next step on any node.

    Args:
      name (string): Its name, which is part of the names of golden files.
      image (Image, default None): What it is made of: image(…) or debian(…). If it is not given, debian("bookworm").
      ip (string, by name, default ""): Its address as the reader sees it; the first that is free if it is not given.
      hostname (string, by name, default ""): What it calls itself; its name if it is not given.
      env (dict of strings, by name, default {}): Environment variables, beside TERM, LANG and TZ, which are pinned.
      files (dict of strings, by name, default {}): Text files that are there before it starts: absolute path to content.
      mounts (dict of strings, by name, default {}): Files and folders of the scenario's folder that it sees, as with docker run -v: absolute path on the node to the path from the scenario's folder; an absolute one only within what --allow-mount DIR allows. It cannot change them, unless writable says so. They are not translated: an address of the reader's network in one is an error where the lab has to have another network. An engine on another machine cannot mount them; files is for that.
      writable (list of strings, by name, default []): Those paths of mounts that it may write to. What it writes stays after the run, and belongs to the user who wrote it, which is root where neither the image nor user says another.
      user (string, by name, default ""): Who runs things on it; the image's if it is not given.
      workdir (string, by name, default ""): The folder in which things start; the image's if it is not given.
      command (list of strings, by name, default None): Its first process; the image's own if it is not given.
      memory (string, by name, default ""): How much memory it may use: "512m", "2g"; 1 GB if it is not given.
      cpus (number, by name, default 0): How many cores it may use; 2 if it is not given.
      tasks (int, by name, default 0): How many processes and threads it may have; 1000 if it is not given.
      volatile (Kind, name of a kind, or list of those, by name, default []): Kinds of tokens, or names of ready-made kinds, that may differ from run to run in what its terminals and execs show.

    Returns:
      a Node.

    Example:
      web = node("web", image = debian("bookworm", ["nginx"]), ip = "172.18.0.10")
    """

def image(ref: str) -> Image:
    """Names an image of a registry. It is pulled when the first node needs it and the engine does not have it.

    Args:
      ref (string): The image's name and tag, as for docker pull.

    Returns:
      an Image.

    Example:
      image("hexpm/elixir:1.14.2-erlang-25.1.2-alpine-3.16.2")
    """

def debian(suite: str, packages: list[str] | tuple[str, ...] = []) -> Image:
    """Describes an image of Debian with packages. It is built once, from the suite's base image or, where no registry can be reached, by mmdebstrap on this machine; later runs use it again.

    Args:
      suite (string): The release's code name.
      packages (list of strings, default []): Debian packages to add.

    Returns:
      an Image.

    Example:
      debian("bookworm", packages = ["elixir"])
    """

def program(name: str, argv: list[str] | tuple[str, ...], *, prompt: str = "", continuation: str = "", repeats: bool = False, shell: bool = False, marked: bool = False, quit: str = "", env: dict[str, str] = {}, user: str = "", workdir: str = "", volatile: Kind | str | Sequence[Kind | str] = [], cols: int = 100, rows: int = 30) -> Program:
    """Says how to drive a program in a terminal: how it is started, by which prompt it says that it is done, and how it is left.

    Args:
      name (string): What terminals of it are called.
      argv (list of strings): The command and its arguments.
      prompt (string, by name, default ""): A regular expression (RE2) for the line left of the cursor when the program is done. A group (?P<n>…) is the prompt's counter. For a shell: the prompt itself, "$ " if it is not given.
      continuation (string, by name, default ""): The same for the prompt that asks for the rest of a statement.
      repeats (bool, by name, default False): The program asks for the rest with its first prompt again, the counter unchanged and nothing printed.
      shell (bool, by name, default False): It is a POSIX shell: its prompt is marked invisibly, and tells exit statuses.
      marked (bool, by name, default False): It was told by its settings to mark its prompts invisibly, so that no output can be taken for one: OSC 133;A before a prompt, 133;A;k=s before one that asks for the rest of a statement, 133;B behind it. std/python.star does it.
      quit (string, by name, default ""): The line that leaves the program.
      env (dict of strings, by name, default {}): Environment variables.
      user (string, by name, default ""): The user who runs it; the node's if it is not given.
      workdir (string, by name, default ""): The folder it starts in; the node's if it is not given.
      volatile (Kind, name of a kind, or list of those, by name, default []): Kinds of tokens, or names of ready-made kinds, that may differ from run to run in its output.
      cols (int, by name, default 100): Width of its window, in cells.
      rows (int, by name, default 30): Height of its window, in cells.

    Returns:
      a Program.

    Example:
      program("python3", ["python3", "-q"], prompt = r">>> $", continuation = r"\\.\\.\\. $", quit = "exit()")
    """

def kind(name: str, pattern: str | None = None, *, identity: bool | None = None) -> Kind:
    """Names a kind of token whose text may differ from run to run without the text being wrong. A name alone is a ready-made kind; a name and a pattern are one of your own. The whole match of the pattern is one token; where it has named groups, each group is one, and what stands outside of them is compared.

    Args:
      name (string): What reports call it, or a ready-made kind.
      pattern (string, default None): A regular expression (RE2), in which ^ and $ are the ends of a line. Without one it is the ready-made kind of that name.
      identity (bool, by name, default None): Whether a token that is seen twice must be one token there again, and two different ones two. If it is not given, it is False for a pattern, and for a ready-made kind what is said there.

    Ready-made kinds:

    - `address`: An IPv4 or IPv6 address. There is one in `172.17.0.4`, `fe80::42:acff:fe11:4`, `::1`, and none in `256.1.1.1`, `25.1.2`, `std::vector`. Identity is True if it is not given.
    - `port`: The 4 or 5 digits of a port, after a host and a colon or after the word port. There is one in `172.17.0.4:41234`, `[::1]:4000`, `port 8080`, `peer_port=35000`, and none in `web:80`, `web:99999`, `12:30:45`, `report 12345`. Identity is True if it is not given.
    - `time`: A time of day with seconds, or with a zone, AM or PM. There is one in `08:15:02`, `2026-11-24T08:15:02.123456Z`, `08:15:02 +0900`, `8:15 PM`, `8時15分2秒`, and none in `08:15`, `25:00:00`, `08:15:61`, `16:9`.
    - `date`: A date that has its year or the month's name, with the time of day that ls, date and logs write behind such a name. There is one in `2026-11-24`, `2026/11/24`, `2026年11月24日`, `Nov 24 2026`, `24 Nov 2026`, `Tue Nov 24`, `Nov 24 08:15`, `Tue Nov 24 08:15:02 UTC 2026`, and none in `2026-13-01`, `2026/11/32`, `11/24`, `Novel 24`, `Nov 32`.
    - `duration`: A number with a unit of time, from ns to days; or several, as in 1m30.5s. There is one in `3 ms`, `250µs`, `1m30.5s`, `2 minutes and 3 seconds`, `3秒`, `1分20秒`, and none in `3 items`, `5 m`, `3msx`, `x3ms`, `24日`.
    - `number`: A number, with its sign, commas, decimals and exponent. There is one in `42`, `-5`, `1,234,567`, `3.14`, `6.02e23`, and none in `x86_64`, `utf8`, `3ms`, `2nd`.
    - `id`: A UUID, or a hexadecimal number of 7 digits or more, such as a commit's or a container's. There is one in `3f2504e0-4f89-41d3-9a0c-0305e82c3301`, `fb771bf`, `0x7ffd1c2a`, `sha256:9f86d081884c7d65`, and none in `decade`, `fb771b`, `fb771bfx`. Identity is True if it is not given.
    - `path`: A path that begins with /, ~/, ./ or ../. There is one in `/var/log/syslog`, `~/.bashrc`, `../lib/a.ex`, `PATH=/usr/bin`, `/srv/元氣`, and none in `and/or`, `1/2`, `172.17.0.0/16`, `https://example.com/a`, `</div>`, `a / b`. Identity is True if it is not given.
    - `version`: A version: three numbers or more, two after a v, or a Debian package's. An IPv4 address looks like one: in a list, address goes first. There is one in `1.14.0`, `v1.2.3-rc1`, `25.1.2`, `v1.2`, `3.12.0rc1`, `1.14.0.dfsg-2+deb12u1`, `2.36-9+deb12u3`, and none in `1.14`, `OTP 25`, `x1.2.3`, `1.5-2.5`.

    Returns:
      a Kind.

    Example:
      kind("pid", r"#PID<0\\.(?P<pid>\\d+\\.\\d+)>", identity = True)
    """

def volatile(pattern: str | None = None, *, kind: str = "", identity: bool | None = None) -> Kind:
    """Declares that tokens may differ from run to run, in every step of the scenario. Nothing else may: a number, a date or a duration that is not declared is compared.

    Args:
      pattern (string, default None): A regular expression (RE2), as for kind.
      kind (string, by name, default ""): A ready-made kind; with a pattern, what reports call the token ("token" if it is not given).
      identity (bool, by name, default None): As for kind.

    Ready-made kinds:

    - `address`: An IPv4 or IPv6 address. There is one in `172.17.0.4`, `fe80::42:acff:fe11:4`, `::1`, and none in `256.1.1.1`, `25.1.2`, `std::vector`. Identity is True if it is not given.
    - `port`: The 4 or 5 digits of a port, after a host and a colon or after the word port. There is one in `172.17.0.4:41234`, `[::1]:4000`, `port 8080`, `peer_port=35000`, and none in `web:80`, `web:99999`, `12:30:45`, `report 12345`. Identity is True if it is not given.
    - `time`: A time of day with seconds, or with a zone, AM or PM. There is one in `08:15:02`, `2026-11-24T08:15:02.123456Z`, `08:15:02 +0900`, `8:15 PM`, `8時15分2秒`, and none in `08:15`, `25:00:00`, `08:15:61`, `16:9`.
    - `date`: A date that has its year or the month's name, with the time of day that ls, date and logs write behind such a name. There is one in `2026-11-24`, `2026/11/24`, `2026年11月24日`, `Nov 24 2026`, `24 Nov 2026`, `Tue Nov 24`, `Nov 24 08:15`, `Tue Nov 24 08:15:02 UTC 2026`, and none in `2026-13-01`, `2026/11/32`, `11/24`, `Novel 24`, `Nov 32`.
    - `duration`: A number with a unit of time, from ns to days; or several, as in 1m30.5s. There is one in `3 ms`, `250µs`, `1m30.5s`, `2 minutes and 3 seconds`, `3秒`, `1分20秒`, and none in `3 items`, `5 m`, `3msx`, `x3ms`, `24日`.
    - `number`: A number, with its sign, commas, decimals and exponent. There is one in `42`, `-5`, `1,234,567`, `3.14`, `6.02e23`, and none in `x86_64`, `utf8`, `3ms`, `2nd`.
    - `id`: A UUID, or a hexadecimal number of 7 digits or more, such as a commit's or a container's. There is one in `3f2504e0-4f89-41d3-9a0c-0305e82c3301`, `fb771bf`, `0x7ffd1c2a`, `sha256:9f86d081884c7d65`, and none in `decade`, `fb771b`, `fb771bfx`. Identity is True if it is not given.
    - `path`: A path that begins with /, ~/, ./ or ../. There is one in `/var/log/syslog`, `~/.bashrc`, `../lib/a.ex`, `PATH=/usr/bin`, `/srv/元氣`, and none in `and/or`, `1/2`, `172.17.0.0/16`, `https://example.com/a`, `</div>`, `a / b`. Identity is True if it is not given.
    - `version`: A version: three numbers or more, two after a v, or a Debian package's. An IPv4 address looks like one: in a list, address goes first. There is one in `1.14.0`, `v1.2.3-rc1`, `25.1.2`, `v1.2`, `3.12.0rc1`, `1.14.0.dfsg-2+deb12u1`, `2.36-9+deb12u3`, and none in `1.14`, `OTP 25`, `x1.2.3`, `1.5-2.5`.

    Returns:
      the Kind.

    Example:
      volatile(kind = "duration")
      volatile(r"load average: (?P<load>[\\d., ]+)", kind = "load")
    """

def secret(value: str) -> str:
    """Keeps a value out of all that a run leaves: in goldens, logs, reports and the recording `***` stands for it. Declare it before it is first used: what a person was shown until then has been seen. What programs make of it (base64, a hash) is not recognised.

    Args:
      value (string): At least 4 characters.

    Returns:
      the string, which the script itself keeps.

    Example:
      password = secret(param("password", "correct horse"))
      db = node("db", env = {"PGPASSWORD": password})
    """

def chapter(id: str, title: str = "") -> None:
    """Begins a titled part of the scenario. Steps without a name of their own leave their text under its id.

    Args:
      id (string): Part of the names of golden files: letters, digits, - _ and .
      title (string, default ""): For people; the id if it is not given.

    Example:
      chapter("cluster", "分散Erlangシステムを構築する")
    """

def check(condition: Any, message: str = "the check does not hold") -> None:
    """Ends the run as failed, unless the condition holds.

    Args:
      condition (value): What must be true.
      message (string, default "the check does not hold"): What to say if it is not.

    Example:
      check("172.17.0.4" in r.output, "the node has another address")
    """

def eventually(condition: Callable[[], Any], *, timeout: float = 30, message: str = "") -> Any:
    """Calls a function until what it returns is true: at once, after 20 ms, and then less and less often, up to twice a second. In it exec, write and read can be used, and no step in a terminal.

    Args:
      condition (function): A function without parameters.
      timeout (seconds, by name, default 30): How long to try.
      message (string, by name, default ""): What to say when the time is over.

    Returns:
      the value that the function returned.

    Example:
      eventually(lambda: web.exec(["nc", "-z", "localhost", "80"], status = None).status == 0)
    """

def param(name: str, default: Any = None, *, doc: str = "") -> Any:
    """A value that `scenario run --param NAME=VALUE` can set, and `--matrix NAME=VALUE,VALUE` to several, one run each.

    Args:
      name (string): As it is given by --param; a literal, so that a wrong name is found before anything starts.
      default (value, default None): A string, int, bool or Image: what is given is made one of these. With None, a string.
      doc (string, by name, default ""): What it is for.

    Returns:
      the value, of the default's type.

    Example:
      elixir_image = param("image", debian("bookworm", ["elixir"]))
    """

def env(name: str, default: Any = None) -> str:
    """A variable of the environment in which scenario was called. Only those that --env names are passed to a script.

    Args:
      name (string): The variable's name.
      default (value, default None): What it is where the variable was not passed. With None, that is an error.

    Returns:
      a string.

    Example:
      token = secret(env("API_TOKEN"))
    """

def file(path: str) -> str:
    """Reads a text file of the scenario's folder.

    Args:
      path (string): From the scenario's folder, with slashes.

    Returns:
      a string, its text.

    Example:
      node("web", files = {"/etc/motd": file("motd.txt")})
    """

def partition(*sides: Node | Sequence[Node]) -> None:
    """Cuts nodes off from one another, as a broken line does: packets get lost in silence, and nobody is told. Each argument is a side; nodes of one side still reach each other, and those that are on no side reach all. A second partition comes on top of the first.

    Args:
      sides (Node or list of Nodes, any number): The sides, two or more.

    Example:
      partition(hoge, [fuga, piyo])
      heal()
    """

def heal() -> None:
    """Ends all partitions, losses and delays. The end of a run does it by itself.

    Example:
      heal()
    """

def article(path: str = "", *, on: Node | None = None, windows: dict[str, Any] = {}, volatile: Kind | str | Sequence[Kind | str] = ["address", "time", "date", "duration", "id"]) -> None:
    """Says how an article is played, for a script that `scenario check` plays. It is called once, or not at all.

    Args:
      path (string, default ""): Of the article, from the folder in which the command is given; for a script that lies elsewhere than beside it, as in article(param("article")).
      on (Node, by name, default None): The machine on which windows open when neither the article nor bind(…) says where; the first node if it is not given.
      windows (dict of Terminal or Nodes, by name, default {}): What the article calls its windows, as in T1, shell 2 or node A: the Terminal that it means, or the Node.
      volatile (Kind, name of a kind, or list of those, by name, default ["address", "time", "date", "duration", "id"]): Kinds of tokens that may be others than in the article, in all blocks, beside the kinds of the programs.

    Example:
      pc = node("pc", debian("bookworm", ["elixir"]))
      article(on = pc)
    """

def bind(number: int | str | Sequence[int | str] = [], *, caption: str = "", language: str = "", heading: str = "", text: str = "", prompt: str = "", to: Terminal | Node | str | Sequence[Terminal | Node | str] = [], skip: str = "", fails: str = "", sub: dict[str, str] = {}, before: str | Sequence[str] | Callable[[], Any] | None = [], after: str | Sequence[str] | Callable[[], Any] | None = [], file: str = "", edit: Callable[[], Any] | None = None, run: str = "", part: bool = False, expect: str | Sequence[str] = [], timeout: float = 30, blocks: bool = False, enters: Program | None = None, volatile: Kind | str | Sequence[Kind | str] = [], unordered: bool | tuple[str, str] | list[str] = False, optional: str | Sequence[str] = []) -> None:
    """Says what is done with some blocks of an article, for a script that `scenario check` plays. Meant are the blocks for which all holds that is given of number, caption, language, heading, text and prompt. Where several calls mean a block, the later one counts in what it says. The blocks are played when the script has come to its end, in the order of the article.

    Args:
      number (int, string or list of those, default []): Numbers of blocks, as scenario map counts them: 7, "7-9", or a list of these.
      caption (string, by name, default ""): A text in the block's title, such as the one behind the colon of elixir:hogeノードのIEx.
      language (string, by name, default ""): The fence's language, as in elixir.
      heading (string, by name, default ""): A text in a heading that the block stands under.
      text (string, by name, default ""): A text in the block.
      prompt (string, by name, default ""): A text in one of its prompts, such as hoge@.
      to (Terminal, Node, name, or list of those, by name, default []): Where it is typed: a Terminal; a Node, in a window on it; the name by which the article calls a window, such as alex; or a list of those, into each of which it is typed.
      skip (string, by name, default ""): Why it is not run.
      fails (string, by name, default ""): Why it is known to drift or to fail: that is no failure of the check then, and its absence is one.
      sub (dict of strings, by name, default {}): Texts of the block and what is typed in their place.
      before (string, function or list of those, by name, default []): What is done before the block: a line to type into its window, a function without parameters, or a list of those. If it fails, the block does.
      after (string, function or list of those, by name, default []): The same after it.
      file (string, by name, default ""): The block is a file, which is written under this name: absolute, or from the folder in which the window's shell is.
      edit (function, by name, default None): The block is a change to its file: a function of the text that the file has and the block's text, which returns the new text.
      run (string, by name, default ""): The block is what this line shows, or a part of it: it is typed, and the block is compared with what comes.
      part (bool, by name, default False): The block shows only a part of what comes: lines that stand together in it.
      expect (string or list of strings, by name, default []): Texts that must come, beside what the block shows: what the prose promises.
      timeout (seconds, by name, default 30): How long a statement may take.
      blocks (bool, by name, default False): Its last statement waits for another window: the check goes on, and takes its output when the window is used next, or at the end.
      enters (Program, by name, default None): The program that its last line starts, where that is not known from the command.
      volatile (Kind, name of a kind, or list of those, by name, default []): Kinds of tokens, or names of ready-made kinds, that may differ from run to run. Where two match at one place, the first of the list counts; all of them come before the program's, the node's and the scenario's.
      unordered (bool or pair of patterns, by name, default False): True if the lines of the output come in any order. A pair of patterns (RE2) narrows that to the lines after each that matches the first and before the next that matches the second.
      optional (string or list of strings, by name, default []): Patterns (RE2) that are searched in lines of the output: a line that one matches may be there or not. It is compared with nothing, and accepting does not write it to the golden.

    Example:
      bind(caption = "hogeノードのIEx", to = hoge.sh)
      bind(text = "docker run", skip = "the nodes are the script's")
      bind(text = "mix new", after = "cd chat")
      bind(number = "7-9", to = ["alex", "kate"])
    """

class Node:
    """What `node` returns."""

    hostname: str
    """What it calls itself."""

    ip: str
    """Its address as the reader sees it."""

    name: str
    """Its name."""

    sh: Terminal
    """A window with the image's /bin/sh, opened when it is first used: `web.sh("hostname -i")`."""

    def exec(self, argv: list[str] | tuple[str, ...], *, stdin: str = "", env: dict[str, str] = {}, user: str = "", workdir: str = "", status: int | None = 0, timeout: float = 30, name: str = "", volatile: Kind | str | Sequence[Kind | str] = [], unordered: bool | tuple[str, str] | list[str] = False, optional: str | Sequence[str] = []) -> Result:
        """Runs a command on the node, beside the terminals: no prompt, no window, and no golden unless it has a name. It is what eventually(…) and libraries look at a node with.

        Args:
          argv (list of strings): The command and its arguments; no shell is between.
          stdin (string, by name, default ""): What it reads.
          env (dict of strings, by name, default {}): Environment variables.
          user (string, by name, default ""): Who runs it; the node's if it is not given.
          workdir (string, by name, default ""): The folder it runs in; the node's if it is not given.
          status (int, by name, default 0): The exit status it must have; None takes any.
          timeout (seconds, by name, default 30): How long it may take.
          name (string, by name, default ""): A label: its output gets a golden. Without one, nothing is compared.
          volatile (Kind, name of a kind, or list of those, by name, default []): Kinds of tokens, or names of ready-made kinds, that may differ from run to run. Where two match at one place, the first of the list counts; all of them come before the program's, the node's and the scenario's.
          unordered (bool or pair of patterns, by name, default False): True if the lines of the output come in any order. A pair of patterns (RE2) narrows that to the lines after each that matches the first and before the next that matches the second.
          optional (string or list of strings, by name, default []): Patterns (RE2) that are searched in lines of the output: a line that one matches may be there or not. It is compared with nothing, and accepting does not write it to the golden.

        Returns:
          a Result.

        Example:
          db.exec(["psql", "-U", "postgres"], stdin = "select 1;").output
        """

    def read(self, path: str) -> str:
        """Reads a file of the node.

        Args:
          path (string): Absolute.

        Returns:
          a string, its text.

        Example:
          web.read("/etc/nginx/nginx.conf")
        """

    def terminal(self, program: Program | None = None, *, name: str = "", timeout: float = 60) -> Terminal:
        """Opens one more window on the node, with a program in it that keeps its state. It starts in the background.

        Args:
          program (Program, default None): What runs in it; the image's /bin/sh if it is not given.
          name (string, by name, default ""): Its name on the node, which is part of the names of golden files; the program's if it is not given.
          timeout (seconds, by name, default 60): How long the program may take to its first prompt, once the node is up.

        Returns:
          a Terminal.

        Example:
          t2 = web.terminal(program("bash", ["bash", "--norc"], shell = True))
        """

    def write(self, path: str, content: str, *, mode: int = 0o644) -> None:
        """Puts a text file on the node.

        Args:
          path (string): Absolute; folders that are not there are made.
          content (string): The text.
          mode (int, by name, default 0o644): Permissions.

        Example:
          web.write("/srv/index.html", "<h1>hello</h1>")
        """

    def delay(self, delay: float, *, jitter: float = 0) -> None:
        """Delays the packets that leave the node. It needs a kernel with netem under the containers; where there is none, it is an error that says so.

        Args:
          delay (seconds): By how much.
          jitter (number, by name, default 0): By how many seconds the delay varies, up and down.

        Example:
          hoge.delay(0.2)
          hoge.delay(0.2, jitter = 0.05)
        """

    def kill(self) -> None:
        """Ends the node at once: no process of it has time for a last word, and the kernel closes its connections. Its windows go with it; what they showed until then is kept.

        Example:
          fuga.kill()
        """

    def loss(self, percent: float) -> None:
        """Loses a share of the packets that reach the node, at random.

        Args:
          percent (number): Of 100 packets, how many; 0 ends it.

        Example:
          hoge.loss(30)
        """

    def pause(self) -> None:
        """Freezes all that runs on the node: it answers nobody, and does not know. Others cannot tell it from one that is cut off.

        Example:
          fuga.pause()
          fuga.resume()
        """

    def restart(self, *, grace: float = 2) -> None:
        """Ends the node as Node.stop does, and starts it again as Node.start does.

        Args:
          grace (seconds, by name, default 2): How long its first process has to end by itself once it was told to, in whole seconds, before all is killed. One that does not listen, such as tail, is killed.

        Example:
          db.restart()
        """

    def resume(self) -> None:
        """Lets a paused node go on.

        Example:
          fuga.resume()
        """

    def start(self) -> None:
        """Starts a node again that was ended, with the files that it had and its address. Its windows are opened again, with their programs as they were started first.

        Example:
          fuga.start()
        """

    def stop(self, *, grace: float = 2) -> None:
        """Ends the node as a shutdown does: its first process is told to end, and then all is killed. Its windows go with it; what they showed until then is kept.

        Args:
          grace (seconds, by name, default 2): How long its first process has to end by itself once it was told to, in whole seconds, before all is killed. One that does not listen, such as tail, is killed.

        Example:
          fuga.stop()
        """

    def wait(self, *, log: str = "", port: int = 0, http: str = "", status: int = 200, command: list[str] | tuple[str, ...] = [], timeout: float = 30) -> Result:
        """Waits for something on the node: a line in its log, an open port, an answer of a web server, or the success of a command. It looks at once, after 20 ms, and then less and less often, up to twice a second; the image needs no tools for it. Nothing is compared.

        Args:
          log (string, by name, default ""): Text in a line of what the node's own command has printed since its start.
          port (int, by name, default 0): A TCP port of the node on which somebody listens, on any of its addresses. Nothing connects to it.
          http (string, by name, default ""): A URL, as it is on the node, that answers.
          status (int, by name, default 200): The status that it answers with.
          command (list of strings, by name, default []): A command and its arguments, which ends with status 0.
          timeout (seconds, by name, default 30): How long it may take.

        Returns:
          a Result, whose output is what was seen.

        Example:
          web.wait(port = 80)
          web.wait(http = "http://localhost:8080/health")
          db.wait(log = "ready to accept connections")
          db.wait(command = ["pg_isready"])
        """

class Terminal:
    """What `Node.sh` is, and what `Node.terminal` returns: one window on a node."""

    name: str
    """Its full name: the node's, a dot, and its own."""

    node: Node
    """The machine that it is a window on."""

    def __call__(self, text: str, *, expect: str | Sequence[str] = [], timeout: float = 30, wait: bool = True, status: int | None = 0, enters: Program | None = None, leaves: bool = False, name: str = "", volatile: Kind | str | Sequence[Kind | str] = [], unordered: bool | tuple[str, str] | list[str] = False, optional: str | Sequence[str] = []) -> Result:
        """A Terminal is a function: to call it is to type a statement, which may have several lines, and to wait until the program is done with it. What it showed is compared with a golden.

        Args:
          text (string): What to type. Empty lines before and after it, and indentation that all of its lines share, are left out. A statement that is not finished then gets one empty line more, as Python wants it after a block.
          expect (string or list of strings, by name, default []): Texts that must be in the output before the step is done, beside the prompt.
          timeout (seconds, by name, default 30): How long it may take.
          wait (bool, by name, default True): False for a statement that blocks: it is typed, and Terminal.wait gets its output.
          status (int, by name, default 0): In a shell, the exit status it must have; None takes any. Of several statements it is the last one's, and the others must have 0.
          enters (Program, by name, default None): The program that the last line starts. The step is done at its first prompt, and what is typed next is typed into it, until it is left. Of the Program, its prompts, kinds and quit count; it has the window and the environment of the program that it is entered from.
          leaves (bool, by name, default False): The last line ends the program that was entered last: the step is done when the prompt below is back. Its status is the program's, if it was entered from a shell. Without it, a program that ends is an error.
          name (string, by name, default ""): Its label; the chapter's id if it is not given.
          volatile (Kind, name of a kind, or list of those, by name, default []): Kinds of tokens, or names of ready-made kinds, that may differ from run to run. Where two match at one place, the first of the list counts; all of them come before the program's, the node's and the scenario's.
          unordered (bool or pair of patterns, by name, default False): True if the lines of the output come in any order. A pair of patterns (RE2) narrows that to the lines after each that matches the first and before the next that matches the second.
          optional (string or list of strings, by name, default []): Patterns (RE2) that are searched in lines of the output: a line that one matches may be there or not. It is compared with nothing, and accepting does not write it to the golden.

        Returns:
          a Result.

        Example:
          hoge.sh("hostname -i")
          hoge.iex('Node.spawn(:"fuga@172.17.0.6", fn -> IO.puts("hi") end)', expect = "hi", unordered = True)
          hoge.sh("iex --name hoge@172.17.0.4", enters = elixir.iex)
          hoge.sh("Node.list()")
          hoge.sh("System.halt()", leaves = True)
        """

    def key(self, key: str) -> None:
        """Presses a key. What it brings is for Terminal.wait or Terminal.screen.

        Args:
          key (string): "enter", "tab", "up", "page-down", "ctrl-c", "alt-x" and the like.

        Example:
          t.key("ctrl-c")
        """

    def quit(self, *, name: str = "") -> Result:
        """Leaves the program as a reader does, and waits for its end: of one that was entered, for the prompt below it.

        Args:
          name (string, by name, default ""): Its label; the chapter's id if it is not given.

        Returns:
          a Result.

        Example:
          hoge.iex.quit()
        """

    def ready(self) -> None:
        """Waits until the program has shown its first prompt. A step does that by itself; this is for libraries, when it is another node that must be up. Nothing is recorded.

        Example:
          fuga.iex.ready()
        """

    def screen(self, *, expect: str | Sequence[str] = [], timeout: float = 30, name: str = "", volatile: Kind | str | Sequence[Kind | str] = [], unordered: bool | tuple[str, str] | list[str] = False, optional: str | Sequence[str] = []) -> Result:
        """Takes the window as it stands, for programs that draw one. It is compared with a golden.

        Args:
          expect (string or list of strings, by name, default []): Texts that it must show first.
          timeout (seconds, by name, default 30): How long that may take.
          name (string, by name, default ""): Its label; the chapter's id if it is not given.
          volatile (Kind, name of a kind, or list of those, by name, default []): Kinds of tokens, or names of ready-made kinds, that may differ from run to run. Where two match at one place, the first of the list counts; all of them come before the program's, the node's and the scenario's.
          unordered (bool or pair of patterns, by name, default False): True if the lines of the output come in any order. A pair of patterns (RE2) narrows that to the lines after each that matches the first and before the next that matches the second.
          optional (string or list of strings, by name, default []): Patterns (RE2) that are searched in lines of the output: a line that one matches may be there or not. It is compared with nothing, and accepting does not write it to the golden.

        Returns:
          a Result.

        Example:
          t.screen(expect = "Save changes?").output
        """

    def type(self, text: str) -> None:
        """Types text as it is, without Enter. What it brings is for Terminal.wait or Terminal.screen.

        Args:
          text (string): What to type.

        Example:
          t.type("hunter2")
        """

    def wait(self, expect: str | Sequence[str] = [], *, timeout: float = 30, status: int | None = 0, leaves: bool = False, name: str = "", volatile: Kind | str | Sequence[Kind | str] = [], unordered: bool | tuple[str, str] | list[str] = False, optional: str | Sequence[str] = []) -> Result:
        """Waits for text that comes by itself: a message from another node, a line of a log, output of a statement typed with wait = False. Without texts it waits for the prompt; with leaves = True, for the end of the program that was entered last.

        Args:
          expect (string or list of strings, default []): Texts that must come, on whole lines; for one on a line that does not end, such as a question, there is Terminal.screen. The Result has the lines that hold them; of a statement that is still running, its output up to the last of these.
          timeout (seconds, by name, default 30): How long it may take.
          status (int, by name, default 0): In a shell, the exit status of what was waited for to its end; None takes any.
          leaves (bool, by name, default False): The program that was entered last ends by itself or by keys, or has ended: the prompt below is waited for.
          name (string, by name, default ""): Its label; the chapter's id if it is not given.
          volatile (Kind, name of a kind, or list of those, by name, default []): Kinds of tokens, or names of ready-made kinds, that may differ from run to run. Where two match at one place, the first of the list counts; all of them come before the program's, the node's and the scenario's.
          unordered (bool or pair of patterns, by name, default False): True if the lines of the output come in any order. A pair of patterns (RE2) narrows that to the lines after each that matches the first and before the next that matches the second.
          optional (string or list of strings, by name, default []): Patterns (RE2) that are searched in lines of the output: a line that one matches may be there or not. It is compared with nothing, and accepting does not write it to the golden.

        Returns:
          a Result.

        Example:
          piyo.iex("receive do m -> m end", wait = False)
          hoge.iex('send({:x, :"piyo@172.17.0.7"}, :hello)')
          piyo.iex.wait(":hello")
        """

class Result:
    """What a step returns. Its truth is that it has no exit status other than 0."""

    output: str
    """What came back, without the prompt and what was typed. Of an exec: its standard output."""

    status: int | None
    """The exit status: of the last command in a shell, or of an exec. `None` where a program tells none."""

    stderr: str
    """The standard error of an exec."""

    text: str
    """What a reader would copy from the window: prompt, what was typed, what came back."""

class Image:
    """What image and debian give."""

class Kind:
    """What kind and volatile give."""

class Program:
    """What program gives."""

class _elixir_node:
    """What elixir.node returns."""

    name: str
    """a string, "hoge@172.17.0.4"."""

    iex: Terminal
    """a Terminal, the node's IEx."""

    host: Node
    """the Node, which is the machine."""

    sh: Terminal
    """A window with the image's /bin/sh, opened when it is first used: `web.sh("hostname -i")`."""

    ip: str
    """Its address as the reader sees it."""

    hostname: str
    """What it calls itself."""

    def exec(self, argv: list[str] | tuple[str, ...], *, stdin: str = "", env: dict[str, str] = {}, user: str = "", workdir: str = "", status: int | None = 0, timeout: float = 30, name: str = "", volatile: Kind | str | Sequence[Kind | str] = [], unordered: bool | tuple[str, str] | list[str] = False, optional: str | Sequence[str] = []) -> Result:
        """Runs a command on the node, beside the terminals: no prompt, no window, and no golden unless it has a name. It is what eventually(…) and libraries look at a node with.

        Args:
          argv (list of strings): The command and its arguments; no shell is between.
          stdin (string, by name, default ""): What it reads.
          env (dict of strings, by name, default {}): Environment variables.
          user (string, by name, default ""): Who runs it; the node's if it is not given.
          workdir (string, by name, default ""): The folder it runs in; the node's if it is not given.
          status (int, by name, default 0): The exit status it must have; None takes any.
          timeout (seconds, by name, default 30): How long it may take.
          name (string, by name, default ""): A label: its output gets a golden. Without one, nothing is compared.
          volatile (Kind, name of a kind, or list of those, by name, default []): Kinds of tokens, or names of ready-made kinds, that may differ from run to run. Where two match at one place, the first of the list counts; all of them come before the program's, the node's and the scenario's.
          unordered (bool or pair of patterns, by name, default False): True if the lines of the output come in any order. A pair of patterns (RE2) narrows that to the lines after each that matches the first and before the next that matches the second.
          optional (string or list of strings, by name, default []): Patterns (RE2) that are searched in lines of the output: a line that one matches may be there or not. It is compared with nothing, and accepting does not write it to the golden.

        Returns:
          a Result.

        Example:
          db.exec(["psql", "-U", "postgres"], stdin = "select 1;").output
        """

    def read(self, path: str) -> str:
        """Reads a file of the node.

        Args:
          path (string): Absolute.

        Returns:
          a string, its text.

        Example:
          web.read("/etc/nginx/nginx.conf")
        """

    def write(self, path: str, content: str, *, mode: int = 0o644) -> None:
        """Puts a text file on the node.

        Args:
          path (string): Absolute; folders that are not there are made.
          content (string): The text.
          mode (int, by name, default 0o644): Permissions.

        Example:
          web.write("/srv/index.html", "<h1>hello</h1>")
        """

    def terminal(self, program: Program | None = None, *, name: str = "", timeout: float = 60) -> Terminal:
        """Opens one more window on the node, with a program in it that keeps its state. It starts in the background.

        Args:
          program (Program, default None): What runs in it; the image's /bin/sh if it is not given.
          name (string, by name, default ""): Its name on the node, which is part of the names of golden files; the program's if it is not given.
          timeout (seconds, by name, default 60): How long the program may take to its first prompt, once the node is up.

        Returns:
          a Terminal.

        Example:
          t2 = web.terminal(program("bash", ["bash", "--norc"], shell = True))
        """

class _elixir:
    """load("std/elixir.star", "elixir")

    Elixir nodes: machines with an IEx that is a node of a distributed system.

    `elixir.iex` is the Program, for a step that `enters` it and for Node.terminal.
    """

    iex: Program

    def connect(self, node, others) -> None:
        """Types Node.ping for each of the others, and waits until all are connected with all.

        Args:
          node: the node that pings.
          others: a list of nodes.
        """

    def cookie(self, cookie, nodes, **kwargs) -> None:
        """Types Node.set_cookie on each node.

        Args:
          cookie: what they share.
          nodes: a list of nodes.
          **kwargs: arguments of a terminal: name, timeout …
        """

    def enter(self, host, args = "", cookie = None, **kwargs) -> _elixir_node:
        """Types `iex --name NAME@IP` into the shell of a machine.

        From then on the shell's window is the node's IEx; iex.quit() leaves it.

        Args:
          host: the Node, whose name the BEAM node has, too.
          args: further arguments of iex as they are typed, such as "--cookie mycookie".
          cookie: the one that they set, for those who ask the node how it is.
          **kwargs: other arguments of a terminal: name, timeout …

        Returns:
          a struct as node gives it; iex and sh are one window.
        """

    def mesh(self, nodes, timeout = 30) -> None:
        """Waits until each of the nodes is connected with all the others.

        A ping returns before that: the others find each other by themselves.

        Args:
          nodes: a list of nodes.
          timeout: how long to wait, in seconds.
        """

    def node(self, name, cookie = None, args = [], image = None, ip = "", **kwargs) -> _elixir_node:
        """Declares a machine with an IEx, started as `iex --name NAME@IP`.

        Args:
          name: the node's name, without the host.
          cookie: given to --cookie; a cookie can be set later, too.
          args: further arguments of iex.
          image: what the machine is made of; debian("bookworm", ["elixir"]) if it is not given.
          ip: its address; the first that is free if it is not given.
          **kwargs: other arguments of node.

        Returns:
          a struct:

          name: a string, "hoge@172.17.0.4".
          iex: a Terminal, the node's IEx.
          host: the Node, which is the machine.
          sh, ip, hostname, exec, read, write, terminal: the Node's.
        """

    def rpc(self, node, on, module, function, args = "[]", **kwargs) -> Result:
        """Types :rpc.call.

        Args:
          node: whose IEx it is typed into.
          on: the node that runs it.
          module: its name.
          function: its name, without the colon.
          args: the list of arguments, as Elixir.
          **kwargs: arguments of a terminal: expect, name …

        Returns:
          a Result.
        """

    def spawn(self, node, on, body, unordered = True, **kwargs) -> Result:
        """Types Node.spawn of a function on another node.

        What the function prints comes to the node that spawned it, before or after
        the pid: the lines are compared in any order.

        Args:
          node: whose IEx it is typed into.
          on: the node that runs it.
          body: the function's body.
          unordered: as for a terminal.
          **kwargs: other arguments of a terminal: expect, name, optional …

        Returns:
          a Result.
        """

elixir: _elixir

class _erlang_node:
    """What erlang.node returns."""

    name: str
    """a string, "hoge@172.17.0.4"."""

    erl: Terminal
    """a Terminal, the node's Erlang shell."""

    host: Node
    """the Node, which is the machine."""

    sh: Terminal
    """A window with the image's /bin/sh, opened when it is first used: `web.sh("hostname -i")`."""

    ip: str
    """Its address as the reader sees it."""

    hostname: str
    """What it calls itself."""

    def exec(self, argv: list[str] | tuple[str, ...], *, stdin: str = "", env: dict[str, str] = {}, user: str = "", workdir: str = "", status: int | None = 0, timeout: float = 30, name: str = "", volatile: Kind | str | Sequence[Kind | str] = [], unordered: bool | tuple[str, str] | list[str] = False, optional: str | Sequence[str] = []) -> Result:
        """Runs a command on the node, beside the terminals: no prompt, no window, and no golden unless it has a name. It is what eventually(…) and libraries look at a node with.

        Args:
          argv (list of strings): The command and its arguments; no shell is between.
          stdin (string, by name, default ""): What it reads.
          env (dict of strings, by name, default {}): Environment variables.
          user (string, by name, default ""): Who runs it; the node's if it is not given.
          workdir (string, by name, default ""): The folder it runs in; the node's if it is not given.
          status (int, by name, default 0): The exit status it must have; None takes any.
          timeout (seconds, by name, default 30): How long it may take.
          name (string, by name, default ""): A label: its output gets a golden. Without one, nothing is compared.
          volatile (Kind, name of a kind, or list of those, by name, default []): Kinds of tokens, or names of ready-made kinds, that may differ from run to run. Where two match at one place, the first of the list counts; all of them come before the program's, the node's and the scenario's.
          unordered (bool or pair of patterns, by name, default False): True if the lines of the output come in any order. A pair of patterns (RE2) narrows that to the lines after each that matches the first and before the next that matches the second.
          optional (string or list of strings, by name, default []): Patterns (RE2) that are searched in lines of the output: a line that one matches may be there or not. It is compared with nothing, and accepting does not write it to the golden.

        Returns:
          a Result.

        Example:
          db.exec(["psql", "-U", "postgres"], stdin = "select 1;").output
        """

    def read(self, path: str) -> str:
        """Reads a file of the node.

        Args:
          path (string): Absolute.

        Returns:
          a string, its text.

        Example:
          web.read("/etc/nginx/nginx.conf")
        """

    def write(self, path: str, content: str, *, mode: int = 0o644) -> None:
        """Puts a text file on the node.

        Args:
          path (string): Absolute; folders that are not there are made.
          content (string): The text.
          mode (int, by name, default 0o644): Permissions.

        Example:
          web.write("/srv/index.html", "<h1>hello</h1>")
        """

    def terminal(self, program: Program | None = None, *, name: str = "", timeout: float = 60) -> Terminal:
        """Opens one more window on the node, with a program in it that keeps its state. It starts in the background.

        Args:
          program (Program, default None): What runs in it; the image's /bin/sh if it is not given.
          name (string, by name, default ""): Its name on the node, which is part of the names of golden files; the program's if it is not given.
          timeout (seconds, by name, default 60): How long the program may take to its first prompt, once the node is up.

        Returns:
          a Terminal.

        Example:
          t2 = web.terminal(program("bash", ["bash", "--norc"], shell = True))
        """

class _erlang:
    """load("std/erlang.star", "erlang")

    Erlang nodes: machines with an Erlang shell that is a node of a distributed system.

    `erlang.erl` is the Program, for a step that `enters` it and for Node.terminal.
    """

    erl: Program

    def connect(self, node, others) -> None:
        """Types net_adm:ping for each of the others, and waits until all are connected with all.

        Args:
          node: the node that pings.
          others: a list of nodes.
        """

    def cookie(self, cookie, nodes, **kwargs) -> None:
        """Types erlang:set_cookie on each node.

        Args:
          cookie: what they share.
          nodes: a list of nodes.
          **kwargs: arguments of a terminal: name, timeout …
        """

    def enter(self, host, args = "", cookie = None, **kwargs) -> _erlang_node:
        """Types `erl -name NAME@IP` into the shell of a machine.

        From then on the shell's window is the node's Erlang shell; erl.quit() leaves it.

        Args:
          host: the Node, whose name the BEAM node has, too.
          args: further arguments of erl as they are typed, such as "-setcookie mycookie".
          cookie: the one that they set, for those who ask the node how it is.
          **kwargs: other arguments of a terminal: name, timeout …

        Returns:
          a struct as node gives it; erl and sh are one window.
        """

    def mesh(self, nodes, timeout = 30) -> None:
        """Waits until each of the nodes is connected with all the others.

        A ping returns before that: the others find each other by themselves.

        Args:
          nodes: a list of nodes.
          timeout: how long to wait, in seconds.
        """

    def node(self, name, cookie = None, args = [], image = None, ip = "", **kwargs) -> _erlang_node:
        """Declares a machine with an Erlang shell, started as `erl -name NAME@IP`.

        Args:
          name: the node's name, without the host.
          cookie: given to -setcookie; a cookie can be set later, too.
          args: further arguments of erl.
          image: what the machine is made of; debian("bookworm", ["elixir"]) if it is not given.
          ip: its address; the first that is free if it is not given.
          **kwargs: other arguments of node.

        Returns:
          a struct:

          name: a string, "hoge@172.17.0.4".
          erl: a Terminal, the node's Erlang shell.
          host: the Node, which is the machine.
          sh, ip, hostname, exec, read, write, terminal: the Node's.
        """

    def rpc(self, node, on, module, function, args = "[]", **kwargs) -> Result:
        """Types rpc:call.

        Args:
          node: whose shell it is typed into.
          on: the node that runs it.
          module: its name.
          function: its name.
          args: the list of arguments, as Erlang.
          **kwargs: arguments of a terminal: expect, name …

        Returns:
          a Result.
        """

    def spawn(self, node, on, body, unordered = True, **kwargs) -> Result:
        """Types spawn of a fun on another node.

        Args:
          node: whose shell it is typed into.
          on: the node that runs it.
          body: the fun's body.
          unordered: as for a terminal.
          **kwargs: other arguments of a terminal: expect, name, optional …

        Returns:
          a Result.
        """

erlang: _erlang

class _postgres:
    """load("std/postgres.star", "postgres")

    PostgreSQL: machines with a server, and windows with a psql.

    `postgres.psql` is the Program, for a step that `enters` it and for Node.terminal, on a
    machine of postgres.node, or of a node with `env = postgres.env` and
    `files = postgres.files`.
    """

    env: dict[str, str]

    files: dict[str, str]

    psql: Program

    def node(self, name, image = None, env = {}, files = {}, **kwargs) -> Node:
        """Declares a machine with a PostgreSQL server.

        Args:
          name: the node's name.
          image: what the machine is made of; debian("bookworm", ["postgresql"]) if it is not given.
          env: as for node.
          files: as for node.
          **kwargs: other arguments of node.

        Returns:
          the Node. Its server is new, and takes everybody of the machine as the user postgres.
        """

    def session(self, host, name = "psql", timeout = 300) -> Terminal:
        """Waits until the server takes connections, and opens a window with a psql.

        Args:
          host: the machine, from postgres.node.
          name: what the window is called, which is part of the names of golden files.
          timeout: how long to wait, in seconds.

        Returns:
          a Terminal.
        """

postgres: _postgres

class _python_node:
    """What python.node returns."""

    python3: Terminal
    """a Terminal."""

    host: Node
    """the Node."""

    sh: Terminal
    """A window with the image's /bin/sh, opened when it is first used: `web.sh("hostname -i")`."""

    name: str
    """Its name."""

    ip: str
    """Its address as the reader sees it."""

    hostname: str
    """What it calls itself."""

    def exec(self, argv: list[str] | tuple[str, ...], *, stdin: str = "", env: dict[str, str] = {}, user: str = "", workdir: str = "", status: int | None = 0, timeout: float = 30, name: str = "", volatile: Kind | str | Sequence[Kind | str] = [], unordered: bool | tuple[str, str] | list[str] = False, optional: str | Sequence[str] = []) -> Result:
        """Runs a command on the node, beside the terminals: no prompt, no window, and no golden unless it has a name. It is what eventually(…) and libraries look at a node with.

        Args:
          argv (list of strings): The command and its arguments; no shell is between.
          stdin (string, by name, default ""): What it reads.
          env (dict of strings, by name, default {}): Environment variables.
          user (string, by name, default ""): Who runs it; the node's if it is not given.
          workdir (string, by name, default ""): The folder it runs in; the node's if it is not given.
          status (int, by name, default 0): The exit status it must have; None takes any.
          timeout (seconds, by name, default 30): How long it may take.
          name (string, by name, default ""): A label: its output gets a golden. Without one, nothing is compared.
          volatile (Kind, name of a kind, or list of those, by name, default []): Kinds of tokens, or names of ready-made kinds, that may differ from run to run. Where two match at one place, the first of the list counts; all of them come before the program's, the node's and the scenario's.
          unordered (bool or pair of patterns, by name, default False): True if the lines of the output come in any order. A pair of patterns (RE2) narrows that to the lines after each that matches the first and before the next that matches the second.
          optional (string or list of strings, by name, default []): Patterns (RE2) that are searched in lines of the output: a line that one matches may be there or not. It is compared with nothing, and accepting does not write it to the golden.

        Returns:
          a Result.

        Example:
          db.exec(["psql", "-U", "postgres"], stdin = "select 1;").output
        """

    def read(self, path: str) -> str:
        """Reads a file of the node.

        Args:
          path (string): Absolute.

        Returns:
          a string, its text.

        Example:
          web.read("/etc/nginx/nginx.conf")
        """

    def write(self, path: str, content: str, *, mode: int = 0o644) -> None:
        """Puts a text file on the node.

        Args:
          path (string): Absolute; folders that are not there are made.
          content (string): The text.
          mode (int, by name, default 0o644): Permissions.

        Example:
          web.write("/srv/index.html", "<h1>hello</h1>")
        """

    def terminal(self, program: Program | None = None, *, name: str = "", timeout: float = 60) -> Terminal:
        """Opens one more window on the node, with a program in it that keeps its state. It starts in the background.

        Args:
          program (Program, default None): What runs in it; the image's /bin/sh if it is not given.
          name (string, by name, default ""): Its name on the node, which is part of the names of golden files; the program's if it is not given.
          timeout (seconds, by name, default 60): How long the program may take to its first prompt, once the node is up.

        Returns:
          a Terminal.

        Example:
          t2 = web.terminal(program("bash", ["bash", "--norc"], shell = True))
        """

class _python:
    """load("std/python.star", "python")

    Python: machines with a python3 that one types into.

    `python.python3` is the Program, for a step that `enters` it and for Node.terminal,
    on a machine of python.node, or of a node with `env = python.env` and
    `files = python.files`.
    """

    env: dict[str, str]

    files: dict[str, str]

    python3: Program

    def node(self, name, image = None, env = {}, files = {}, **kwargs) -> _python_node:
        """Declares a machine with a python3.

        Args:
          name: the node's name.
          image: what the machine is made of; debian("bookworm", ["python3"]) if it is not given.
          env: as for node.
          files: as for node.
          **kwargs: other arguments of node.

        Returns:
          a struct:

          python3: a Terminal.
          host: the Node.
          sh, name, ip, hostname, exec, read, write, terminal: the Node's.
        """

python: _python

class _redis:
    """load("std/redis.star", "redis")

    Redis: machines with a server, and windows with a redis-cli.

    `redis.cli` is the Program, for a step that `enters` it and for Node.terminal.
    """

    cli: Program

    def node(self, name, image = None, args = [], **kwargs) -> Node:
        """Declares a machine with a Redis server, which keeps nothing on disk.

        Args:
          name: the node's name.
          image: what the machine is made of; debian("bookworm", ["redis"]) if it is not given.
          args: further arguments of redis-server.
          **kwargs: other arguments of node.

        Returns:
          the Node.
        """

    def session(self, host, name = "redis-cli", timeout = 60) -> Terminal:
        """Waits until the server answers, and opens a window with a redis-cli.

        Args:
          host: the machine, from redis.node.
          name: what the window is called, which is part of the names of golden files.
          timeout: how long to wait, in seconds.

        Returns:
          a Terminal.
        """

redis: _redis
