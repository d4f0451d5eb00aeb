"""ISO 18626: messages between lending libraries, read and written in its versions of 2017 and 2021; pure."""
