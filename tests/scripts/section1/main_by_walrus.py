if (main := (lambda: 'w')) and main():
    pass
