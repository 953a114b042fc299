package dev.cetera.lab.fuzz;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/// Loads the product once more, with a call of [Coverage#hit] wherever code branches to and after each branch
/// that is not taken. Protocol classes that were generated, the laboratory and fake disks are loaded as they
/// are, yet by this loader, so that all belong together. [Coverage] itself is shared.
final class InstrumentedClasses extends ClassLoader {
    private static final String PRODUCT = "dev.cetera.";
    private static final ClassDesc COVERAGE = ClassDesc.of(Coverage.class.getName());
    private static final MethodTypeDesc HIT = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);

    static {
        registerAsParallelCapable();
    }

    private final ClassFile classFile = ClassFile.of(
            ClassFile.DebugElementsOption.DROP_DEBUG,
            ClassFile.ClassHierarchyResolverOption.of(
                    ClassHierarchyResolver.ofResourceParsing(getParent()).cached()));

    InstrumentedClasses(ClassLoader parent) {
        super(parent);
    }

    private static boolean isInstrumented(String name) {
        return !name.startsWith("dev.cetera.lab.")
                && !name.startsWith("dev.cetera.api.")
                && !name.startsWith("dev.cetera.testkit.")
                && !name.contains(".Fake")
                && !name.startsWith("dev.cetera.metrics.")
                && !name.startsWith("dev.cetera.logs.");
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(PRODUCT) || name.equals(Coverage.class.getName())) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            var loaded = findLoadedClass(name);
            if (loaded == null) {
                byte[] code = code(name);
                loaded = defineClass(name, code, 0, code.length);
            }
            if (resolve) {
                resolveClass(loaded);
            }
            return loaded;
        }
    }

    private byte[] code(String name) throws ClassNotFoundException {
        byte[] original;
        try (var in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            original = in.readAllBytes();
        } catch (IOException failed) {
            throw new ClassNotFoundException(name, failed);
        }
        return isInstrumented(name) ? instrumented(name, original) : original;
    }

    private byte[] instrumented(String name, byte[] original) {
        return classFile.transformClass(
                classFile.parse(original), ClassTransform.transformingMethodBodies(new Counting(name)));
    }

    /// Adds the calls to the code of one class. Places are numbered by its name and their order in it: the
    /// same in each run.
    private static final class Counting implements CodeTransform {
        private final String className;
        private int places;

        Counting(String className) {
            this.className = className;
        }

        @Override
        public void atStart(CodeBuilder builder) {
            hit(builder);
        }

        @Override
        public void accept(CodeBuilder builder, CodeElement element) {
            builder.with(element);
            boolean arrival = element instanceof LabelTarget;
            boolean passed = element instanceof BranchInstruction branch
                    && branch.opcode() != Opcode.GOTO
                    && branch.opcode() != Opcode.GOTO_W;
            if (arrival || passed) {
                hit(builder);
            }
        }

        private void hit(CodeBuilder builder) {
            int place = ((31 * className.hashCode() + places++) * 0x9e3779b1) >>> 16;
            builder.loadConstant(place).invokestatic(COVERAGE, "hit", HIT);
        }
    }
}
