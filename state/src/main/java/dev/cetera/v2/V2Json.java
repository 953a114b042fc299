package dev.cetera.v2;

/// The tree as JSON, the form in which a raft snapshot carries it and every etcd up to 3.5 reads it.
///
/// ```
/// {"Root":NODE,
///  "WatcherHub":{"EventHistory":{
///    "Queue":{"Events":[EVENT,…,null,…],"Size":n,"Front":n,"Back":n,"Capacity":1000},
///    "StartIndex":n,"LastIndex":n}},
///  "CurrentIndex":n,"Stats":{"getsSuccess":n,…},"CurrentVersion":2}
/// NODE  = {"Path":"/1/a","CreatedIndex":n,"ModifiedIndex":n,"ExpireTime":"…","Value":"…",
///          "Children":null}
/// EVENT = {"action":"set","node":{"key":"/1/a","value":"…",…},"prevNode":{…},"refresh":true}
/// ```
/// A directory has an object of children, a file null or nothing; a permanent node has Go's zero time or none.
/// The array of events is as long as the capacity, with null in unused slots: Go counts on it.
///
/// Written in Go's order and escapes; read in any order, names in any case, unknown ones skipped. Neither
/// direction recurses, since users choose how deep the tree is.
final class V2Json {
    /// Where Go's time begins: its way to say "none".
    static final String ZERO_TIME = "0001-01-01T00:00:00Z";

    /// Everything that is saved.
    record State(TreeNode root, V2History history, long index, V2Stats stats) {}

    private V2Json() {}

    static byte[] write(State state) {
        return new V2JsonWriter().state(state);
    }

    /// Reads what [#write] or a Go member wrote.
    ///
    /// @throws V2FormatException if it isn't such JSON
    static State read(byte[] json) throws V2FormatException {
        return V2JsonReader.state(json);
    }
}
