def main(**fields):
    return sorted(fields)
