package dev.cetera.ctl.line;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A word of the command line with what follows it: either a group of commands or something to do. Immutable,
/// as far as users can see: a group adopts its children when it is made.
///
/// @param <S> what actions work on
public final class Command<S> {
    /// What a command does.
    public interface Action<S> {
        void run(S session) throws Exception;
    }

    private final String use;
    private final String summary;
    private final String story;
    private final List<Flag> flags;
    private final List<Flag> inherited;
    private final List<Command<S>> children;
    private final @Nullable Action<S> action;
    private @Nullable Command<S> parent;

    private Command(
            String use,
            String summary,
            String story,
            List<Flag> flags,
            List<Flag> inherited,
            List<Command<S>> children,
            @Nullable Action<S> action) {
        this.use = use;
        this.summary = summary;
        this.story = story;
        this.flags = List.copyOf(flags);
        this.inherited = List.copyOf(inherited);
        this.children = List.copyOf(children);
        this.action = action;
        this.children.forEach(child -> child.parent = this);
    }

    /// Something to do.
    ///
    /// @param use its name, followed by what its arguments are called
    public static <S> Command<S> of(String use, String summary, Action<S> action, Flag... flags) {
        return new Command<>(use, summary, "", List.of(flags), List.of(), List.of(), action);
    }

    /// Commands under one word.
    ///
    /// @param inherited flags of all its commands
    public static <S> Command<S> group(String use, String summary, List<Flag> inherited, List<Command<S>> children) {
        return new Command<>(use, summary, "", List.of(), inherited, children, null);
    }

    /// With a longer description.
    public Command<S> telling(String longer) {
        return new Command<>(use, summary, longer, flags, inherited, children, action);
    }

    public String name() {
        int end = use.indexOf(' ');
        return end < 0 ? use : use.substring(0, end);
    }

    public String summary() {
        return summary;
    }

    String story() {
        return story;
    }

    public List<Command<S>> children() {
        return children;
    }

    public @Nullable Action<S> action() {
        return action;
    }

    boolean isRoot() {
        return parent == null;
    }

    /// From the root to here.
    List<Command<S>> path() {
        var all = new ArrayList<Command<S>>();
        for (@Nullable Command<S> each = this; each != null; each = each.parent) {
            all.addFirst(each);
        }
        return all;
    }

    /// Its name without the program's.
    String title() {
        var names = path().stream().map(Command::name).toList();
        return String.join(" ", isRoot() ? names : names.subList(1, names.size()));
    }

    String usageLine() {
        var above = path().stream().map(Command::name).toList();
        var head = String.join(" ", above.subList(0, above.size() - 1));
        return head.isEmpty() ? use : head + " " + use;
    }

    /// Flags that are its own, and those that it gives to its commands.
    public List<Flag> ownFlags() {
        var all = new ArrayList<>(flags);
        all.addAll(inherited);
        return all;
    }

    /// Flags of the groups that it is in.
    List<Flag> flagsFromAbove() {
        var all = new ArrayList<Flag>();
        for (var each = parent; each != null; each = each.parent) {
            all.addAll(each.inherited);
        }
        return all;
    }

    List<Flag> allFlags() {
        var all = new ArrayList<>(ownFlags());
        all.addAll(flagsFromAbove());
        return all;
    }

    /// By its name, or by a beginning of it that no other command has.
    @Nullable
    Command<S> child(String word) {
        @Nullable Command<S> found = null;
        int beginning = 0;
        for (var child : children) {
            if (child.name().equals(word)) {
                return child;
            }
            if (child.name().startsWith(word)) {
                found = child;
                beginning++;
            }
        }
        return beginning == 1 ? found : null;
    }

    /// Commands that may have been meant by `word`.
    List<String> similar(String word) {
        return children.stream()
                .map(Command::name)
                .filter(name -> name.startsWith(word) || Distance.between(word, name) <= 2)
                .toList();
    }
}
