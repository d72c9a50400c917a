# -*- coding: utf-7 -*-
def main():
    return 'é+AOk-'
