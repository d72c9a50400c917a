def main(**fields):
    return fields
