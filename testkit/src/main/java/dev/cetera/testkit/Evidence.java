package dev.cetera.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Gives a test its directory and closes what it opened. When the test fails, the directory stays, with a dump
/// of all threads beside what the test put there, and standard error says where; else it is deleted.
///
/// Register it per test: `@RegisterExtension final Evidence evidence = new Evidence();`
///
/// Confined to the test's thread.
public final class Evidence implements AfterEachCallback {
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private @Nullable Path directory;

    /// The directory of this test, made at the first call.
    public Path directory() {
        if (directory == null) {
            try {
                directory = Files.createTempDirectory("cetera-test-");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return directory;
    }

    /// Closes `resource` after the test; the last one registered is closed first.
    public <T extends AutoCloseable> T closing(T resource) {
        opened.push(resource);
        return resource;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        boolean failed = context.getExecutionException().isPresent();
        if (failed) {
            Files.writeString(directory().resolve("threads.txt"), threadDump());
        }
        @Nullable Exception first = null;
        for (AutoCloseable resource : opened) {
            try {
                resource.close();
            } catch (Exception e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (failed || first != null) {
            System.err.println(context.getDisplayName() + " failed; what it left is in " + directory());
        } else if (directory != null) {
            deleteTree(directory);
        }
        if (first != null) {
            throw first;
        }
    }

    private static String threadDump() {
        var dump = new StringBuilder();
        for (Map.Entry<Thread, StackTraceElement[]> thread :
                Thread.getAllStackTraces().entrySet()) {
            dump.append(thread.getKey()).append('\n');
            for (StackTraceElement frame : thread.getValue()) {
                dump.append("    at ").append(frame).append('\n');
            }
        }
        return dump.toString();
    }

    private static void deleteTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
