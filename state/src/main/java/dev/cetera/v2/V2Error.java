package dev.cetera.v2;

/// A refusal, as v2 clients get it.
///
/// @param detail the "cause" of the answer: mostly the path
/// @param index  index of the tree when it refused
public record V2Error(Code code, String detail, long index) {
    /// Those that applying a request can end with; the HTTP side has more of its own.
    public enum Code {
        KEY_NOT_FOUND(100, "Key not found"),
        COMPARE_FAILED(101, "Compare failed"),
        NOT_A_FILE(102, "Not a file"),
        NOT_A_DIRECTORY(104, "Not a directory"),
        KEY_EXISTS(105, "Key already exists"),
        ROOT_IS_READ_ONLY(107, "Root is read only"),
        DIRECTORY_NOT_EMPTY(108, "Directory not empty");

        private final int number;
        private final String message;

        Code(int number, String message) {
            this.number = number;
            this.message = message;
        }

        public int number() {
            return number;
        }

        public String message() {
            return message;
        }
    }
}
