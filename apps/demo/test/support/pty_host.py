"""Runs a command in a pseudo-terminal: `pty_host.py COLUMNS ROWS COMMAND…`.

Standard input goes to the terminal, and the output of the terminal goes to standard output. Descriptor 3 accepts one
order per line: `resize COLUMNS ROWS` changes the size of the window, `hangup` closes it, `stop` and `continue` send
SIGSTOP and SIGCONT to the command. The order is echoed when it has been executed, for example when the command has
stopped. The exit code is that of the command, or 128 plus the signal that ended it. With BORROWED_TERMINAL in the
environment, the terminal does not control the command, which notices a closed window only by the end of its input.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))


def write_all(descriptor, data):
    while data:
        data = data[os.write(descriptor, data) :]


def give_up_control():
    """Detaches the terminal. TIOCNOTTY sends SIGHUP to the session that loses its terminal: tty_ioctl(4)."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    fcntl.ioctl(0, termios.TIOCNOTTY)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def obey(order, terminal, child):
    """Executes an order. Returns False if it closes the window."""
    name, *arguments = order.split()
    if name == "hangup":
        return False
    if name == "resize":
        resize(terminal, *arguments)
    elif name == "stop":
        os.kill(child, signal.SIGSTOP)
        os.waitpid(child, os.WUNTRACED)
    elif name == "continue":
        os.kill(child, signal.SIGCONT)
    else:
        raise ValueError(order)
    write_all(3, order.encode() + b"\n")
    return True


def relay(terminal, child):
    """Relays data until the command closes the terminal or `hangup` arrives."""
    orders = b""
    sources = [0, 3, terminal]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if terminal in ready:
            try:
                shown = os.read(terminal, 65536)
            except OSError:
                return
            if not shown:
                return
            write_all(1, shown)
        if 3 in ready:
            taken = os.read(3, 4096)
            if not taken:
                sources.remove(3)
            *complete, orders = (orders + taken).split(b"\n")
            for order in complete:
                if not obey(order.decode(), terminal, child):
                    return
        if 0 in ready:
            typed = os.read(0, 4096)
            if typed:
                write_all(terminal, typed)
            else:
                sources.remove(0)


def main():
    columns, rows, *command = sys.argv[1:]
    # The child leads its own session, whose controlling terminal this is. It waits until the size is set.
    told, tell = os.pipe()
    child, terminal = pty.fork()
    if child == 0:
        os.close(3)
        os.close(tell)
        os.read(told, 1)
        os.close(told)
        if "BORROWED_TERMINAL" in os.environ:
            give_up_control()
        os.execvp(command[0], command)
    resize(terminal, columns, rows)
    os.close(told)
    os.close(tell)
    relay(terminal, child)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


main()
