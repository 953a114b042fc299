package dev.cetera.lab.mutation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// The product and its simulation, loaded anew with some classes changed. What is loaded goes away with this
/// object.
final class BrokenProduct {
    private static final String OURS = "dev.cetera.";

    /// Generated code, which is the same for all, and most of the bytes.
    private static final String SHARED = "dev.cetera.api.";

    /// Nobody reads the histories that fail, so they need not be made small, which takes longer than all else.
    private static final Mutation.Edit HISTORIES_STAY_LARGE = new Mutation.Edit(
            "lab/src/main/java/dev/cetera/lab/check/Shrinking.java",
            "    private int tries = MAX_TRIES;\n",
            "    private int tries = 0;\n");

    private final Classes classes;

    private BrokenProduct(Map<String, byte[]> changed) {
        classes = new Classes(changed);
    }

    /// Makes the edits, in memory.
    ///
    /// @throws MutationException when they don't fit the source or can't be compiled
    static BrokenProduct of(List<Mutation.Edit> edits) {
        var all = new ArrayList<>(edits);
        all.add(HISTORIES_STAY_LARGE);
        return new BrokenProduct(compile(edited(all)));
    }

    /// What the edited files contain then.
    ///
    /// @throws MutationException when the edits don't fit
    static Map<String, String> edited(List<Mutation.Edit> edits) {
        var sources = new LinkedHashMap<String, String>();
        for (var edit : edits) {
            sources.put(edit.file(), edit.applyTo(sources.computeIfAbsent(edit.file(), BrokenProduct::read)));
        }
        return sources;
    }

    private static String read(String file) {
        try {
            return Files.readString(root().resolve(file));
        } catch (IOException failed) {
            throw new MutationException("can't read " + file + ": " + failed.getMessage(), failed);
        }
    }

    /// The repository's folder: what is changed here is the source, so it has to be there.
    private static Path root() {
        Path folder;
        try {
            folder = Path.of(Objects.requireNonNull(
                            BrokenProduct.class.getProtectionDomain().getCodeSource())
                    .getLocation()
                    .toURI());
        } catch (java.net.URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
        for (Path at = folder; at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("raft/src/main/java")) && Files.exists(at.resolve("pom.xml"))) {
                return at;
            }
        }
        throw new MutationException("the product's source is not found above " + folder);
    }

    // ---- what it can do ----

    /// Runs the simulation of that many members; a single one is tried on its disk alone, which takes no time.
    ///
    /// @throws AssertionError when a promise is seen to be broken
    void simulate(long seed, int members) {
        try {
            if (members == 1) {
                var _ = entry("dev.cetera.lab.sim.Simulation", long.class).invoke(seed);
            } else {
                var _ = entry("dev.cetera.lab.sim.ClusterSimulation", long.class, int.class)
                        .invoke(seed, members);
            }
        } catch (RuntimeException | Error broken) {
            throw broken;
        } catch (Throwable unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    private MethodHandle entry(String name, Class<?>... parameters) throws ReflectiveOperationException {
        var type = classes.loadClass(name);
        var method = type.getMethod("run", parameters);
        return MethodHandles.publicLookup()
                .findStatic(type, "run", MethodType.methodType(method.getReturnType(), parameters));
    }

    // ---- classes ----

    /// Defines our classes itself, the changed ones in place of the real ones; all else comes from the parent.
    private static final class Classes extends ClassLoader {
        static {
            registerAsParallelCapable();
        }

        private final Map<String, byte[]> changed;

        Classes(Map<String, byte[]> changed) {
            super(BrokenProduct.class.getClassLoader());
            this.changed = changed;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(OURS) || (name.startsWith(SHARED) && !changed.containsKey(name))) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                var loaded = findLoadedClass(name);
                return loaded != null ? loaded : define(name);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            var bytes = changed.get(name);
            if (bytes == null) {
                try (var in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                    if (in == null) {
                        throw new ClassNotFoundException(name);
                    }
                    bytes = in.readAllBytes();
                } catch (IOException failed) {
                    throw new ClassNotFoundException(name, failed);
                }
            }
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    // ---- the compiler ----

    private static Map<String, byte[]> compile(Map<String, String> sources) {
        var compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new MutationException("a JDK is needed, this is a runtime without a compiler");
        }
        var messages = new StringWriter();
        var options = List.of("-proc:none", "-nowarn", "-implicit:none", "-cp", System.getProperty("java.class.path"));
        var units = new ArrayList<Source>();
        sources.forEach((file, text) -> units.add(new Source(file, text)));
        try (var standard = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
                var memory = new Memory(standard)) {
            if (!compiler.getTask(messages, memory, null, options, null, units).call()) {
                throw new MutationException("the changed source can't be compiled:\n" + messages);
            }
            return memory.classes();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String file, String text) {
            super(URI.create("memory:///" + file), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static final class Compiled extends SimpleJavaFileObject {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Compiled(String name) {
            super(URI.create("memory:///" + name + ".class"), Kind.CLASS);
        }

        @Override
        public OutputStream openOutputStream() {
            return bytes;
        }
    }

    private static final class Memory extends ForwardingJavaFileManager<StandardJavaFileManager> {
        private final Map<String, Compiled> compiled = new HashMap<>();

        Memory(StandardJavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                JavaFileManager.Location location,
                String name,
                JavaFileObject.Kind kind,
                @Nullable FileObject sibling) {
            return compiled.computeIfAbsent(name, Compiled::new);
        }

        Map<String, byte[]> classes() {
            var classes = new HashMap<String, byte[]>();
            compiled.forEach((name, file) -> classes.put(name, file.bytes.toByteArray()));
            return classes;
        }
    }
}
