package dev.cetera.lab.mutation;

import java.util.List;
import java.util.regex.Pattern;

/// One way in which the product could be wrong, and who must notice it.
///
/// @param name      unique, in words joined by hyphens
/// @param area      of the product: the file it is written down in
/// @param story     what goes wrong, and where it did so in etcd, if anywhere
/// @param members   of the simulated cluster; with one it is the simulation of a single member
/// @param seeds     within which it must be noticed, at most
/// @param noticedBy found in the complaint of whoever must notice it
/// @param edits     of the product's source
public record Mutation(
        String name, String area, String story, int members, int seeds, Pattern noticedBy, List<Edit> edits) {
    public Mutation {
        edits = List.copyOf(edits);
    }

    /// A place of the source.
    ///
    /// @param file   its path in the repository
    /// @param before lines that stand in it exactly once
    /// @param after  lines to stand there instead
    public record Edit(String file, String before, String after) {
        /// Makes the edit.
        ///
        /// @throws MutationException when the lines are not there, or not once
        String applyTo(String source) {
            int at = source.indexOf(before);
            if (at < 0) {
                throw new MutationException(file + " does not contain:\n" + before);
            }
            if (source.indexOf(before, at + 1) >= 0) {
                throw new MutationException(file + " contains more than once:\n" + before);
            }
            return source.substring(0, at) + after + source.substring(at + before.length());
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
