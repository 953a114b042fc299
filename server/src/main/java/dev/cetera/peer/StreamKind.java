package dev.cetera.peer;

/// The two streams that a member opens to another one, in order to read from them.
enum StreamKind {
    /// Every message, each with all of its fields.
    MESSAGE("message", "stream Message", "streamMsg"),
    /// Appends alone, most of them without what both ends know already.
    APPEND("msgapp", "stream MsgApp v2", "streamMsgAppV2");

    /// The last part but one of the path.
    final String path;

    /// As in log lines about connections.
    final String shown;

    /// As in log lines about dropped messages.
    final String buffer;

    StreamKind(String path, String shown, String buffer) {
        this.path = path;
        this.shown = shown;
        this.buffer = buffer;
    }

    FrameWriter writer() {
        return this == MESSAGE ? new MessageFrameWriter() : new AppendFrameWriter();
    }

    /// @param local  this member
    /// @param remote the one that writes
    FrameReader reader(long local, long remote) {
        return this == MESSAGE ? new MessageFrameReader() : new AppendFrameReader(local, remote);
    }
}
