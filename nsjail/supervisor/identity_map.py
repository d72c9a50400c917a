"""A user namespace in which one user stays who it is. The launcher makes one for a slot, the supervisor one below that."""


def write_identity_map(uid, gid):
    """For a process that has just made the namespace; `uid` and `gid` are its own, from before."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
