package org.wherefore.core.internal.plugin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.platform.FeatureInfo;
import org.wherefore.api.platform.FeatureOrder;
import org.wherefore.api.platform.FeaturePlan;
import org.wherefore.api.platform.FeatureReport;
import org.wherefore.api.platform.FeatureSet;
import org.wherefore.api.platform.Features;
import org.wherefore.api.plugin.PluginTrust;
import org.wherefore.api.plugin.Signature;

/**
 * The launcher's features as a service of the api, which the launcher can't see: it speaks JSON. What comes from outside the distribution is
 * unpacked and examined here before the launcher reads it. Thread-safe.
 */
@Component(service = Features.class)
public class InstalledFeatures implements Features {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ARCHIVE = "archive:";
    private static final String HALF = ".half";
    /** Archives that wait to be installed; the oldest goes. */
    private static final int STAGED = 8;

    /** A jar as it was when it was examined. */
    private record Seen(long size, long modified, String state) {}

    private final UnaryOperator<String> platform;
    private final PluginTrust trust;
    private final Path folder;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    @Activate
    public InstalledFeatures(BundleContext context, @Reference(target = "(wherefore.platform=features)") UnaryOperator<String> platform,
            @Reference PluginTrust trust) {
        this(Path.of(context.getProperty("wherefore.home")).resolve("features").resolve("staged"), platform, trust);
    }

    InstalledFeatures(Path folder, UnaryOperator<String> platform, PluginTrust trust) {
        this.folder = folder;
        this.platform = platform;
        this.trust = trust;
    }

    @Override
    public FeatureSet list() {
        JsonNode answer = ask(JSON.createObjectNode().put("do", "list"));
        List<FeatureInfo> features = new ArrayList<>();
        answer.path("features").forEach(f -> features.add(info(f)));
        return new FeatureSet(answer.path("tag").asText(), features, answer.path("bundles").asInt(), answer.path("wirings").asInt());
    }

    private FeatureInfo info(JsonNode f) {
        List<FeatureInfo.Bundle> bundles = new ArrayList<>();
        for (JsonNode b : f.path("bundles")) {
            String jar = b.path("jar").asText();
            bundles.add(new FeatureInfo.Bundle(b.path("id").asText(), texts(b.path("owners")), jar.isEmpty() ? Signature.CORE : state(Path.of(jar))));
        }
        return new FeatureInfo(f.path("name").asText(), f.path("id").asText(), f.path("title").asText(), f.path("state").asText(),
                f.path("source").asText(), f.path("change").asText(), texts(f.path("requires")), bundles);
    }

    private String state(Path jar) {
        try {
            long size = Files.size(jar);
            long modified = Files.getLastModifiedTime(jar).toMillis();
            Seen before = seen.get(jar.toString());
            if (before == null || before.size() != size || before.modified() != modified) {
                before = new Seen(size, modified, trust.examine(jar).state());
                if (seen.size() > 1_000) {
                    seen.clear();
                }
                seen.put(jar.toString(), before);
            }
            return before.state();
        } catch (IOException | WhereforeException e) {
            return Signature.INVALID;
        }
    }

    @Override
    public String stage(InputStream archive) {
        // Outside the lock: a slow sender keeps nobody waiting.
        Path received = new PluginFiles(folder).receive(archive, MAX_BYTES, "a feature archive");
        try {
            return stage(received);
        } finally {
            PluginFiles.discard(received);
        }
    }

    private synchronized String stage(Path received) {
        JarRules.ARCHIVE.check(received);
        Path half = null;
        try {
            String digest = PluginFiles.digest(received).substring("sha256:".length());
            Path to = folder.resolve(digest);
            if (!Files.exists(to)) {
                half = folder.resolve(digest + HALF);
                delete(half);
                unpack(received, half);
                try (Stream<Path> jars = Files.list(half.resolve("bundles"))) {
                    jars.sorted().forEach(trust::admit);
                }
                forget(STAGED - 1);
                Files.move(half, to, StandardCopyOption.ATOMIC_MOVE);
            }
            try {
                ask(JSON.createObjectNode().put("do", "inspect").put("archive", digest));
            } catch (WhereforeException e) {
                delete(to);
                throw WhereforeException.invalid(null, e.getMessage().replace(to + java.io.File.separator, ""));
            }
            return ARCHIVE + digest;
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the archive can't be unpacked in " + folder + ": " + e, e);
        } finally {
            if (half != null) {
                try {
                    delete(half);
                } catch (IOException e) {
                    System.getLogger(InstalledFeatures.class.getName()).log(System.Logger.Level.WARNING, "{0} stays behind: {1}", half, e.toString());
                }
            }
        }
    }

    private static void unpack(Path archive, Path to) throws IOException {
        Files.createDirectories(to.resolve("bundles"));
        boolean feature = false;
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (ZipEntry e : zip.stream().filter(x -> !x.isDirectory()).toList()) {
                feature |= e.getName().equals("feature.json");
                Path file = to.resolve(e.getName());
                try (InputStream in = zip.getInputStream(e)) {
                    Files.copy(in, file);
                }
                try (FileChannel c = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    c.force(true);
                }
            }
        }
        if (!feature) {
            throw WhereforeException.invalid(null, "there is no feature.json in it (rule 'entry-name' of a feature archive)");
        }
        if (Files.size(to.resolve("feature.json")) > 1 << 20) {
            throw WhereforeException.invalid(null, "its feature.json is larger than 1 MiB (rule 'unpacked-size' of a feature archive)");
        }
    }

    /** @param keep how many of the staged archives stay, the newest */
    private void forget(int keep) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.list(folder)) {
            all = files.filter(f -> f.getFileName().toString().matches("[0-9a-f]{64}"))
                    .sorted(Comparator.comparing(f -> f.toFile().lastModified())).toList();
        }
        for (Path f : all.subList(0, Math.max(0, all.size() - keep))) {
            delete(f);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(p);
                }
            }
        }
    }

    @Override
    public FeaturePlan plan(FeatureOrder order) {
        JsonNode planned = ask(order(order, "plan"));
        planned.path("jars").fields().forEachRemaining(j -> trust.admit(Path.of(j.getValue().asText())));
        return plan(planned.path("plan"));
    }

    private static FeaturePlan plan(JsonNode p) {
        List<FeaturePlan.Step> steps = new ArrayList<>();
        p.path("steps").forEach(s -> steps.add(new FeaturePlan.Step(s.path("action").asText(), s.path("subject").asText(), s.path("version").asText(),
                s.path("reason").asText())));
        return new FeaturePlan(p.path("tag").asText(), texts(p.path("install")), texts(p.path("update")), texts(p.path("remove")), steps);
    }

    @Override
    public FeatureReport apply(FeatureOrder order, String tag) {
        plan(order);
        JsonNode r = ask(order(order, "apply").put("tag", tag));
        FeatureReport report = new FeatureReport(plan(r.path("plan")), r.path("tag").asText(), texts(r.path("touched")), texts(r.path("unplanned")),
                texts(r.path("problems")));
        System.getLogger(InstalledFeatures.class.getName()).log(System.Logger.Level.INFO, "features changed: installed {0}, updated {1}, removed {2}; touched {3}",
                report.plan().install(), report.plan().update(), report.plan().remove(), report.touched());
        return report;
    }

    private static ObjectNode order(FeatureOrder order, String what) {
        ObjectNode in = JSON.createObjectNode().put("do", what);
        order.install().forEach(in.putArray("install")::add);
        order.remove().forEach(in.putArray("remove")::add);
        return in;
    }

    /** @throws WhereforeException what the launcher says is wrong */
    private JsonNode ask(ObjectNode order) {
        try {
            JsonNode answer = JSON.readTree(platform.apply(JSON.writeValueAsString(order)));
            JsonNode error = answer.get("error");
            if (error != null) {
                throw new WhereforeException(ErrorCode.valueOf(error.path("code").asText()), error.path("pointer").asText(null), error.path("message").asText(), null);
            }
            return answer;
        } catch (JsonProcessingException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "the launcher did not answer as expected", e);
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> out = new ArrayList<>();
        array.forEach(t -> out.add(t.asText()));
        return out;
    }
}
