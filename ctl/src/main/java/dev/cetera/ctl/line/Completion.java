package dev.cetera.ctl.line;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Scripts that let shells complete command lines. They hold the tree of commands as it is, so nothing is
/// started when a key is pressed. All three find the command among the words so far, passing over flags and
/// their values; then offer values of the flag before the cursor, flags behind a dash, or else commands.
public final class Completion {
    /// Flags whose values are one of a few.
    private static final List<Choice> CHOICES = List.of(
            new Choice("--write-out|-w", "fields json protobuf simple table"),
            new Choice("--order", "ASCEND DESCEND"),
            new Choice("--sort-by", "CREATE KEY MODIFY VALUE VERSION"),
            new Choice("--consistency", "l s"),
            new Choice("--load", "s m l xl"));

    private record Choice(String flags, String values) {}

    /// A command and how to get there: each name behind a blank.
    private record Place(String path, Command<?> command) {
        List<Flag> flags() {
            return Stream.concat(command.allFlags().stream(), Stream.of(CommandLine.HELP))
                    .sorted(Comparator.comparing(Flag::name))
                    .toList();
        }
    }

    private final String program;
    private final List<Place> places = new ArrayList<>();

    public Completion(Command<?> root) {
        this.program = root.name();
        collect(root, "");
    }

    private void collect(Command<?> command, String path) {
        places.add(new Place(path, command));
        command.children().forEach(child -> collect(child, path + " " + child.name()));
    }

    // ---- what all shells need ----

    /// The flags, as alternatives of a pattern, that have a value and are so.
    private String valued(Predicate<Flag> so) {
        return places.stream()
                .flatMap(place -> place.flags().stream())
                .filter(flag -> flag.kind() != Flag.Kind.BOOL && so.test(flag))
                .flatMap(flag -> flag.shorthand().isEmpty()
                        ? Stream.of("--" + flag.name())
                        : Stream.of("--" + flag.name(), "-" + flag.shorthand()))
                .distinct()
                .sorted()
                .collect(Collectors.joining("|"));
    }

    private static boolean isFile(Flag flag) {
        return Stream.of("cert", "key", "-dir", "transformer").anyMatch(flag.name()::endsWith);
    }

    private String paths() {
        return places.stream()
                .map(Place::path)
                .filter(path -> !path.isEmpty())
                .map(path -> '"' + path + '"')
                .collect(Collectors.joining("|"));
    }

    private String choices(Function<Choice, String> each) {
        return CHOICES.stream().map(each).collect(Collectors.joining());
    }

    private String places(Function<Place, String> each) {
        return places.stream().map(each).collect(Collectors.joining());
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    // ---- bash ----

    /// To be sourced.
    public String bash() {
        return BASH.replace("PROGRAM", program)
                .replace("VALUED", valued(flag -> true))
                .replace("FILES", valued(Completion::isFile))
                .replace("PATHS", paths())
                .replace(
                        "CHOICES\n",
                        choices(each -> "        %s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n"
                                .formatted(each.flags(), each.values())))
                .replace(
                        "PLACES\n",
                        places(each -> "        \"%s\") commands='%s' flags='%s' ;;\n"
                                .formatted(each.path(), commands(each), flags(each))));
    }

    private static String commands(Place place) {
        return place.command().children().stream().map(Command::name).collect(Collectors.joining(" "));
    }

    private static String flags(Place place) {
        return place.flags().stream().map(flag -> "--" + flag.name()).collect(Collectors.joining(" "));
    }

    private static final String BASH = """
            # bash completion for PROGRAM. To load it: source <(PROGRAM completion bash)
            _PROGRAM() {
                local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
                local at= word commands= flags= i
                # The shell takes --flag=value apart at the equals sign.
                if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
                for ((i = 1; i < COMP_CWORD; i++)); do
                    word=${COMP_WORDS[i]}
                    case $word in
                        VALUED) [[ ${COMP_WORDS[i+1]} == = ]] && ((i++)); ((i++)) ;;
                        -*|=) ;;
                        *) case "$at $word" in PATHS) at="$at $word" ;; esac ;;
                    esac
                done
                case $prev in
            CHOICES
                    FILES) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
                    VALUED) COMPREPLY=(); return ;;
                esac
                case $at in
            PLACES
                esac
                if [[ $cur == -* ]]; then
                    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
                elif [[ -n $commands ]]; then
                    COMPREPLY=($(compgen -W "$commands" -- "$cur"))
                else
                    compopt -o filenames
                    COMPREPLY=($(compgen -f -- "$cur"))
                fi
            }
            complete -F _PROGRAM PROGRAM
            """;

    // ---- zsh ----

    /// To be sourced, or to lie as `_ceteractl` where zsh looks for functions.
    public String zsh() {
        return ZSH.replace("PROGRAM", program)
                .replace("VALUED", valued(flag -> true))
                .replace("FILES", valued(Completion::isFile))
                .replace("PATHS", paths())
                .replace(
                        "CHOICES\n",
                        choices(each ->
                                "        (%s) compadd -- %s; return ;;\n".formatted(each.flags(), each.values())))
                .replace(
                        "PLACES\n",
                        places(each -> "        (\"%s\") commands=(%s)\n            flags=(%s) ;;\n"
                                .formatted(
                                        each.path(),
                                        each.command().children().stream()
                                                .map(child -> described(child.name(), child.summary()))
                                                .collect(Collectors.joining(" ")),
                                        each.flags().stream()
                                                .map(flag -> described("--" + flag.name(), flag.usage()))
                                                .collect(Collectors.joining(" ")))));
    }

    private static String described(String name, String what) {
        return quoted(name + ":" + what.replace(":", "\\:"));
    }

    private static final String ZSH = """
            #compdef PROGRAM
            # zsh completion for PROGRAM. To load it: source <(PROGRAM completion zsh)
            _PROGRAM() {
                local at= word
                local -a commands flags
                integer i
                for ((i = 2; i < CURRENT; i++)); do
                    word=$words[i]
                    case $word in
                        (VALUED) ((i++)) ;;
                        (-*) ;;
                        (*) case "$at $word" in (PATHS) at="$at $word" ;; esac ;;
                    esac
                done
                case $words[CURRENT-1] in
            CHOICES
                    (FILES) _files; return ;;
                    (VALUED) return ;;
                esac
                case $at in
            PLACES
                esac
                if [[ $words[CURRENT] == -* ]]; then
                    _describe -o flag flags
                elif (( $#commands )); then
                    _describe command commands
                else
                    _files
                fi
            }
            compdef _PROGRAM PROGRAM
            """;

    // ---- fish ----

    /// To be sourced, or to lie among fish's completions.
    public String fish() {
        return FISH.replace("PROGRAM", program)
                        .replace("VALUED", valued(flag -> true).replace("|", " "))
                        .replace("PATHS", paths().replace("|", " "))
                + places(this::fish);
    }

    private String fish(Place place) {
        var here = "complete -c %s -n '__%s_at \"%s\"'".formatted(program, program, place.path());
        var commands = place.command().children().stream()
                .map(child -> "%s -f -a %s -d %s\n".formatted(here, child.name(), quoted(child.summary())));
        var flags = place.flags().stream().map(flag -> here + fish(flag) + " -d " + quoted(flag.usage()) + "\n");
        return Stream.concat(commands, flags).collect(Collectors.joining());
    }

    private static String fish(Flag flag) {
        var text = (flag.shorthand().isEmpty() ? "" : " -s " + flag.shorthand()) + " -l " + flag.name();
        var choice = CHOICES.stream()
                .filter(each -> List.of(each.flags().split("\\|", -1)).contains("--" + flag.name()))
                .findFirst();
        if (choice.isPresent()) {
            return text + " -x -a '" + choice.get().values() + "'";
        }
        return flag.kind() == Flag.Kind.BOOL ? text : isFile(flag) ? text + " -r" : text + " -x";
    }

    private static final String FISH = """
            # fish completion for PROGRAM. To load it: PROGRAM completion fish | source
            function __PROGRAM_at
                set -l at ""
                set -l skip no
                for word in (commandline -opc)[2..-1]
                    if test $skip = yes
                        set skip no
                    else if contains -- $word VALUED
                        set skip yes
                    else if not string match -q -- "-*" $word
                        if contains -- "$at $word" PATHS
                            set at "$at $word"
                        end
                    end
                end
                test "$at" = "$argv[1]"
            end
            """;
}
