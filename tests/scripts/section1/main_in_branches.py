try:
    import no_such_module
except ImportError:
    if True:

        def main():
            return "fallback"
