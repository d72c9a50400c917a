import inspect
import pickle


def main(a, b: int = 2, *, c=3) -> str:
    "What it does."
    return "x"


main.mark = 1
main(1)
print(inspect.signature(main), main.__name__, main.__qualname__, main.__doc__, main.mark)
print(inspect.iscoroutinefunction(main), main.__annotations__["b"].__name__)
print(inspect.getsource(main).splitlines()[0], pickle.loads(pickle.dumps(main)) is main)
