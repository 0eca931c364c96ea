package org.wherefore.registry.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.registry.Import;
import org.wherefore.api.registry.ModelVersion;

/**
 * Reads an archive that nobody vouches for. It is read once, from its start, by local headers alone: nothing that only its directory
 * says counts. Everything is compared with the manifest while it streams into a staged folder. One thread.
 */
final class ArchiveReader {
    private final DiskModelRegistry registry;
    private final ArchiveLimits limits;
    private final byte[] buffer = new byte[1 << 16];
    private Counted counted;
    private ZipInputStream zip;
    private long inflated;

    ArchiveReader(DiskModelRegistry registry, ArchiveLimits limits) {
        this.registry = registry;
        this.limits = limits;
    }

    Import read(String name, InputStream in) {
        Names.model(name);
        counted = new Counted(in);
        zip = new ZipInputStream(counted);
        Manifest manifest = manifest();
        StagedFolder staged = (StagedFolder) registry.stage(name);
        boolean done = false;
        try {
            entries(manifest, staged);
            String digest = DiskModelRegistry.digest(staged.folder(), registry.written(staged));
            if (!digest.equals(manifest.model().digest())) {
                throw bad("says that the whole has the digest " + manifest.model().digest() + ", and it has " + digest);
            }
            SerialisedJava.refuse(registry, "the archive", staged.folder(), registry.written(staged));
            Import loaded = load(manifest, staged);
            done = true;
            return loaded;
        } catch (IOException e) {
            throw registry.storage("reading a staged model", e);
        } finally {
            if (!done) {
                staged.close();
            }
        }
    }

    private Manifest manifest() {
        ZipEntry first = next();
        if (first == null) {
            throw bad("is no zip");
        }
        if (!first.getName().equals(Manifest.ENTRY)) {
            throw bad("begins with the entry " + quote(first.getName()) + "; the first is " + Manifest.ENTRY);
        }
        byte[] bytes = new byte[Manifest.MOST + 1];
        int length = 0;
        for (int n; length < bytes.length && (n = inflate(Manifest.ENTRY)) > 0; length += n) {
            if (length + n > Manifest.MOST) {
                throw bad("has a " + Manifest.ENTRY + " of more than " + Manifest.MOST + " bytes");
            }
            System.arraycopy(buffer, 0, bytes, length, n);
        }
        Manifest m;
        try {
            m = Manifest.JSON.readValue(bytes, 0, length, Manifest.class);
        } catch (IOException e) {
            throw bad("has a " + Manifest.ENTRY + " that can't be read: " + e.getMessage().lines().findFirst().orElse(""));
        }
        if (m == null) {
            throw bad("has a " + Manifest.ENTRY + " that is null");
        }
        if (!m.format().equals(Manifest.FORMAT) || m.formatVersion() != Manifest.VERSION) {
            throw bad("has the format " + quote(m.format()) + " " + m.formatVersion() + " by its " + Manifest.ENTRY + "; " + Manifest.FORMAT + " "
                    + Manifest.VERSION + " can be read");
        }
        if (!Names.valid(m.model().name()) || m.model().version() < 1) {
            throw bad("is of the model " + quote(m.model().name() + ":" + m.model().version()) + " by its " + Manifest.ENTRY + ", which is no name");
        }
        if (m.provenance().containsValue(null) || m.metrics().containsValue(null)) {
            throw bad("has null in the provenance or metrics of its " + Manifest.ENTRY);
        }
        if (m.entries().isEmpty() || m.entries().size() > limits.entries()) {
            throw bad("lists " + m.entries().size() + " entries in its " + Manifest.ENTRY + "; it has 1 to " + limits.entries());
        }
        Set<String> names = new HashSet<>();
        long sum = 0;
        for (Manifest.Entry e : m.entries()) {
            if (e == null) {
                throw bad("lists null among the entries of its " + Manifest.ENTRY);
            }
            name(e.name());
            if (!names.add(e.name())) {
                throw bad("lists entry " + quote(e.name()) + " twice in its " + Manifest.ENTRY);
            }
            if (e.size() < 0 || e.size() > limits.bytes() || (sum += e.size()) > limits.bytes()) {
                throw bad("has entry " + quote(e.name()) + " of " + e.size() + " bytes; all entries together have at most " + limits.bytes());
            }
        }
        return m;
    }

    private void entries(Manifest manifest, StagedFolder staged) {
        Map<String, Manifest.Entry> left = new HashMap<>();
        manifest.entries().forEach(e -> left.put(e.name(), e));
        Set<String> seen = new HashSet<>();
        for (ZipEntry z; (z = next()) != null;) {
            String full = z.getName();
            if (!full.startsWith(Manifest.FOLDER)) {
                throw bad("has the entry " + quote(full) + "; beside " + Manifest.ENTRY + " there is only " + Manifest.FOLDER);
            }
            String name = name(full.substring(Manifest.FOLDER.length()));
            if (!seen.add(name)) {
                throw bad("has the entry " + quote(name) + " twice");
            }
            Manifest.Entry listed = left.remove(name);
            if (listed == null) {
                throw bad("has the entry " + quote(name) + ", which its " + Manifest.ENTRY + " does not list");
            }
            entry(listed, staged);
        }
        if (!left.isEmpty()) {
            throw bad("lacks entry " + quote(left.keySet().stream().sorted().findFirst().orElseThrow()) + ", which its " + Manifest.ENTRY + " lists");
        }
    }

    private void entry(Manifest.Entry listed, StagedFolder staged) {
        MessageDigest sha = ArchiveWriter.sha();
        long size = 0;
        try (OutputStream out = staged.create(listed.name())) {
            for (int n; (n = inflate(listed.name())) > 0;) {
                size += n;
                if (size > listed.size()) {
                    throw bad("has entry " + quote(listed.name()) + ", which inflates to more than the " + listed.size() + " bytes that its "
                            + Manifest.ENTRY + " says");
                }
                sha.update(buffer, 0, n);
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            throw registry.storage("writing entry '" + listed.name() + "' of an archive", e);
        }
        if (size != listed.size()) {
            throw bad("has entry " + quote(listed.name()) + " of " + size + " bytes, and its " + Manifest.ENTRY + " says " + listed.size());
        }
        if (!HexFormat.of().formatHex(sha.digest()).equals(listed.sha256())) {
            throw bad("has entry " + quote(listed.name()) + " with another SHA-256 than its " + Manifest.ENTRY + " says");
        }
    }

    private ZipEntry next() {
        try {
            return zip.getNextEntry();
        } catch (IOException | IllegalArgumentException e) {
            throw bad("ends early or is damaged: " + e.getMessage());
        }
    }

    /** @return bytes now in the buffer, 0 or less at the end of the entry */
    private int inflate(String entry) {
        int n;
        try {
            n = zip.read(buffer);
        } catch (IOException | IllegalArgumentException e) {
            throw bad("ends early or is damaged in entry " + quote(entry) + ": " + e.getMessage());
        }
        inflated += Math.max(0, n);
        if (inflated > ArchiveLimits.FREE + limits.ratio() * counted.count) {
            throw bad("has entry " + quote(entry) + ", which inflates to more than " + limits.ratio() + " times the archive's size");
        }
        return n;
    }

    private static String name(String name) {
        try {
            return Names.entry(name);
        } catch (WhereforeException e) {
            throw bad("has an entry that can't have its name " + quote(name)
                    + ": 1 to 100 letters, digits, '.', '_' and '-', no folder, no '..', not " + Names.VERSION_FILE);
        }
    }

    private Import load(Manifest manifest, StagedFolder staged) {
        ModelInfo info = new ModelInfo(staged.name, manifest.model().version(), manifest.model().engine(), manifest.model().digest());
        ArtifactReader artifact = new FolderReader(registry, "the archive", staged.folder(), registry.written(staged));
        ModelVersion origin = origin(manifest);
        try {
            Engine engine = registry.loaded.engine("the archive", info.engine());
            FeatureExtractor plugin = registry.loaded.extractor("the archive", manifest.provenance().getOrDefault("extractor", ""));
            FittedExtractor extractor = plugin.load(artifact);
            Signature is = Signature.of(extractor.schema());
            if (!is.equals(manifest.schema())) {
                throw bad("has another input signature than its " + Manifest.ENTRY + " says: " + is + ", not " + manifest.schema());
            }
            Support support = engine.supports(extractor.schema());
            if (!support.supported()) {
                throw new WhereforeException(ErrorCode.UNSUPPORTED, "engine '" + info.engine() + "' can't take the archive's model: " + support.reason());
            }
            Model model = engine.load(info, extractor.schema(), artifact);
            return new Loaded(registry, staged, origin, model, extractor, artifact);
        } catch (WhereforeException e) {
            throw switch (e.code()) {
                case MODEL_UNAVAILABLE -> new WhereforeException(ErrorCode.UNSUPPORTED, e.getMessage() + "; install it, then import again", e);
                case BAD_DATA, UNSUPPORTED, STORAGE -> e;
                default -> bad("holds a model that can't be loaded: " + e.getMessage());
            };
        } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
            throw bad("holds a model that can't be loaded: " + e);
        }
    }

    private static ModelVersion origin(Manifest m) {
        try {
            return new ModelVersion(new ModelInfo(m.model().name(), m.model().version(), m.model().engine(), m.model().digest()),
                    Instant.parse(m.created()), m.provenance(), m.metrics());
        } catch (DateTimeException e) {
            throw bad("was created at " + quote(m.created()) + " by its " + Manifest.ENTRY + ", which is no time");
        }
    }

    private static WhereforeException bad(String what) {
        return new WhereforeException(ErrorCode.BAD_DATA, "the archive " + what + "; nothing was imported");
    }

    /** A name from outside, harmless to print. */
    private static String quote(String name) {
        StringBuilder out = new StringBuilder("'");
        name.codePoints().limit(80).forEach(c -> {
            if (c < ' ' || c > '~') {
                out.append(String.format("\\u%04x", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.append(name.length() > 80 ? "…'" : "'").toString();
    }

    /** Counts what was read of the archive. */
    private static final class Counted extends FilterInputStream {
        long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count += b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            int n = super.read(b, off, len);
            count += Math.max(0, n);
            return n;
        }
    }

    private record Loaded(DiskModelRegistry registry, StagedFolder staged, ModelVersion origin, Model model, FittedExtractor extractor,
            ArtifactReader artifact) implements Import {
        @Override
        public ModelVersion commit(String who, String why) {
            Map<String, String> provenance = new TreeMap<>(origin.provenance());
            String before = provenance.put("parent", origin.info().name() + ":" + origin.info().version());
            if (before != null) {
                provenance.put("imported.parent", before);
            }
            provenance.put("imported.created", origin.created().toString());
            provenance.put("imported.by", who);
            provenance.put("imported.why", why);
            return registry.commit(staged, origin.info().engine(), provenance, origin.metrics());
        }

        @Override
        public void close() {
            try {
                model.close();
            } catch (RuntimeException | LinkageError e) {
                DiskModelRegistry.LOG.log(System.Logger.Level.WARNING, "an imported model did not close: {0}", e.toString());
            } finally {
                staged.close();
            }
        }
    }
}
