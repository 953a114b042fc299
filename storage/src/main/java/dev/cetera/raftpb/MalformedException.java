package dev.cetera.raftpb;

/// Bytes that are not the message they should be. The text is that of etcd's decoder where it has one.
public final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    private final String what;

    public MalformedException(String what) {
        super(what);
        this.what = what;
    }

    @Override
    public String getMessage() {
        return what;
    }
}
