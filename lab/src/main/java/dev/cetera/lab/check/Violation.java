package dev.cetera.lab.check;

import dev.cetera.lab.history.History;

/// A promise was broken.
public final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    /// A longer history is told in full by [#transcript] alone, and else from its end.
    private static final int MAX_LINES = 80;

    private final String guarantee;
    private final String complaint;
    private final transient History history;

    /// What is wrong with the history that shows it, where that is told in other words.
    private final String complaintOfSmallest;

    /// A complaint of one checker.
    ///
    /// @param guarantee the checker's name: `StrictSerializability`, `WatchUnique`, ...
    /// @param complaint what is wrong, in a sentence or a few
    /// @param history   that shows it
    public Violation(String guarantee, String complaint, History history) {
        this(guarantee, complaint, history, "");
    }

    private Violation(String guarantee, String complaint, History history, String complaintOfSmallest) {
        super(guarantee + ": " + complaint);
        this.guarantee = guarantee;
        this.complaint = complaint;
        this.history = history;
        this.complaintOfSmallest = complaintOfSmallest;
    }

    /// The same complaint, with a smaller history that breaks the same promise. What is wrong with that one
    /// may be something else: both are told.
    Violation shownBy(Violation smaller) {
        var other = smaller.complaint.equals(complaint) ? "" : smaller.complaint;
        var shown = new Violation(guarantee, complaint, smaller.history, other);
        shown.setStackTrace(getStackTrace());
        return shown;
    }

    /// The name of the checker that complains.
    public String guarantee() {
        return guarantee;
    }

    /// What is wrong.
    public String complaint() {
        return complaint;
    }

    /// The smallest history found that shows it.
    public History history() {
        return history;
    }

    /// The history for people to read, a line for each operation and each response to a watch, as in
    /// `#7 12.000ms-13.500ms client 2 at m1: put k v --prev-kv -> rev 5, OK`.
    public String transcript() {
        return Transcript.of(history);
    }

    /// The complaint, and the end of the history.
    @Override
    public String getMessage() {
        var lines = transcript().lines().toList();
        int skipped = Math.max(0, lines.size() - MAX_LINES);
        return super.getMessage() + "\n"
                + (complaintOfSmallest.isEmpty() ? "" : "of the smallest history: " + complaintOfSmallest + "\n")
                + (skipped == 0 ? "" : skipped + " lines, and then\n")
                + String.join("\n", lines.subList(skipped, lines.size()));
    }
}
