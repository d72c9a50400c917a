import contextlib
import io


def main():
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        print("captured")
    return text.getvalue()
