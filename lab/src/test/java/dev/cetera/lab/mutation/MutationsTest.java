package dev.cetera.lab.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class MutationsTest {
    @BeforeAll
    static void silence() {
        Logger.getLogger("").setLevel(Level.OFF);
    }

    @Test
    void everyMutationFitsTheSource() {
        for (var mutation : Mutations.all()) {
            assertThat(BrokenProduct.edited(mutation.edits()))
                    .as(mutation.name())
                    .isNotEmpty();
        }
    }

    @Test
    void everyMutationHasItsOwnNameAndAStory() {
        assertThat(Mutations.all()).extracting(Mutation::name).doesNotHaveDuplicates();
        assertThat(Mutations.all()).extracting(Mutation::story).doesNotContain("");
    }

    @Test
    void everyFileOfDiffsIsRead() throws IOException {
        var names = Mutations.all().stream().map(Mutation::name).toList();
        try (var files = Files.list(Path.of("src/main/resources/dev/cetera/lab/mutation"))) {
            var areas = files.map(file -> file.getFileName().toString().replace(".diffs", ""))
                    .toList();
            assertThat(areas).contains(Mutations.HISTORIC);
            for (var area : areas) {
                assertThat(names)
                        .containsAll(
                                Mutations.in(area).stream().map(Mutation::name).toList());
            }
        }
    }

    @Test
    void nothingIsNoticedWhereNothingIsBroken() throws InterruptedException {
        assertThat(Trial.unchanged(1, 20).complaint()).isNull();
        assertThat(Trial.unchanged(3, 3).complaint()).isNull();
    }

    /// The whole list takes longer: `bin/lab mutations`.
    @TestFactory
    Stream<DynamicTest> whatOnceWasWrongWithEtcdIsNoticed() {
        return Mutations.in(Mutations.HISTORIC).stream()
                .map(mutation -> dynamicTest(mutation.name(), () -> {
                    var result = Trial.of(mutation, mutation.seeds());
                    assertThat(result.isNoticed())
                            .as("%s in %s seeds; other complaint: %s", mutation, mutation.seeds(), result.complaint())
                            .isTrue();
                }));
    }

    @Test
    void aBrokenProductGoesAwayWithWhoMadeIt() {
        var broken = new WeakReference<>(BrokenProduct.of(List.of()));
        var product = broken.get();
        if (product != null) {
            product.simulate(0, 1);
            product.simulate(0, 3);
        }
        product = null;
        for (int i = 0; i < 10 && broken.get() != null; i++) {
            System.gc();
        }
        assertThat(broken.get()).isNull();
    }

    @Test
    void aMutationThatTheSourceDoesNotContainOnceIsAnError() {
        var edit = new Mutation.Edit("A.java", "a();\n", "b();\n");
        assertThat(edit.applyTo("x();\na();\n")).isEqualTo("x();\nb();\n");
        assertThatThrownBy(() -> edit.applyTo("x();\n"))
                .isInstanceOf(MutationException.class)
                .hasMessageContaining("A.java does not contain:\na();");
        assertThatThrownBy(() -> edit.applyTo("a();\na();\n"))
                .isInstanceOf(MutationException.class)
                .hasMessageContaining("A.java contains more than once:\na();");
    }

    @Test
    void aMutationThatCanNotBeCompiledIsAnError() {
        var edit = new Mutation.Edit(
                "raft/src/main/java/dev/cetera/raft/Quorum.java", "        return voters / 2 + 1;\n", "return 1\n");
        assertThatThrownBy(() -> BrokenProduct.of(List.of(edit)))
                .isInstanceOf(MutationException.class)
                .hasMessageContaining("Quorum.java")
                .hasMessageContaining("';' expected");
    }

    @Test
    void aDiffIsReadWithItsPlaces() {
        var mutations = Mutations.parse("x", """
                # two-places
                What goes wrong,
                and why.
                members 3, seeds 40, noticed by: this|that
                --- a/A.java
                 stays
                -goes
                +comes
                @@
                -other
                +
                --- b/B.java
                -here
                +there
                """);
        assertThat(mutations).hasSize(1);
        var mutation = mutations.getFirst();
        assertThat(mutation.name()).isEqualTo("two-places");
        assertThat(mutation.area()).isEqualTo("x");
        assertThat(mutation.story()).isEqualTo("What goes wrong, and why.");
        assertThat(mutation.members()).isEqualTo(3);
        assertThat(mutation.seeds()).isEqualTo(40);
        assertThat(mutation.noticedBy().matcher("so that is it").find()).isTrue();
        assertThat(mutation.edits())
                .containsExactly(
                        new Mutation.Edit("a/A.java", "stays\ngoes\n", "stays\ncomes\n"),
                        new Mutation.Edit("a/A.java", "other\n", "\n"),
                        new Mutation.Edit("b/B.java", "here\n", "there\n"));
    }

    @Test
    void aDiffThatMakesNoSenseSaysWhere() {
        assertThatThrownBy(() -> Mutations.parse("x", "# a\n\nstory\nmembers 3, seeds 1, noticed by: x\n--- F\n?\n"))
                .isInstanceOf(MutationException.class)
                .hasMessage("x.diffs, line 6: a line of a diff begins with '-', '+' or ' '");
        assertThatThrownBy(() -> Mutations.parse("x", "# a\nstory\n"))
                .isInstanceOf(MutationException.class)
                .hasMessageContaining("a needs a line 'members M, seeds N, noticed by: X' and a diff");
    }
}
