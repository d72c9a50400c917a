# -*- coding: utf-7 -*-
def main():
    return 1
