class main:
    def __new__(cls):
        return {"made": True}
