"""The system calls that a child process has no use for, by their numbers on the machines that are known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """How the kernel of one kind of machine counts its system calls; `arch` is its word in a filter (audit.h)."""

    arch: int
    seccomp: int
    socket: int
    clone: int
    clone3: int
    kill: int
    tgkill: int
    refused: tuple[int, ...]


_ANYWHERE = (
    424, 425, 427, 434, 438,  # pidfd_send_signal, io_uring_setup, io_uring_register, pidfd_open, pidfd_getfd
    428, 429, 430, 431, 432, 433, 442,  # open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr
    440, 448,  # process_madvise, process_mrelease
)  # fmt: skip
"""Numbers that are the same on every machine."""

MACHINES = {
    "x86_64": Machine(
        0xC000003E, seccomp=317, socket=41, clone=56, clone3=435, kill=62, tgkill=234,
        refused=(
            *_ANYWHERE,
            57, 58, 59, 322,  # fork, vfork, execve, execveat
            101, 310, 311, 312, 200, 129, 297,  # ptrace, process_vm_readv and _writev, kcmp, tkill, rt_(tg)sigqueueinfo
            165, 166, 155, 161, 272, 308, 304,  # mount, umount2, pivot_root, chroot, unshare, setns, open_by_handle_at
            321, 298, 323, 248, 249, 250,  # bpf, perf_event_open, userfaultfd, add_key, request_key, keyctl
            175, 176, 313, 246, 320, 169, 103, 163, 167, 168, 179,  # modules, kexec, reboot, syslog, acct, swap, quotas
        ),
    ),
    "aarch64": Machine(
        0xC00000B7, seccomp=277, socket=198, clone=220, clone3=435, kill=129, tgkill=131,
        refused=(
            *_ANYWHERE,
            221, 281,
            117, 270, 271, 272, 130, 138, 240,
            40, 39, 41, 51, 97, 268, 265,
            280, 241, 282, 217, 218, 219,
            105, 106, 273, 104, 294, 142, 116, 89, 224, 225, 60,
        ),
    ),
}  # fmt: skip
