package org.wherefore.cli.internal;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.registry.ModelArchives;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.registry.ModelServing;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Retention;
import org.wherefore.api.registry.ServingState;
import org.wherefore.api.registry.Traffic;
import org.wherefore.api.registry.Transition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The models of a home that no server has, by the services of this process. */
final class HomeModels implements Models {
    private static final String WHO = "command line";
    private final ModelRegistry registry;
    private final ModelServing serving;
    private final ModelArchives archives;

    HomeModels(ModelRegistry registry, ModelServing serving, ModelArchives archives) {
        this.registry = registry;
        this.serving = serving;
        this.archives = archives;
    }

    /** @throws WhereforeException {@code STORAGE} when the home's store did not start */
    static HomeModels of(BundleContext context) {
        return new HomeModels(service(context, ModelRegistry.class), service(context, ModelServing.class), service(context, ModelArchives.class));
    }

    private static <T> T service(BundleContext context, Class<T> type) {
        ServiceReference<T> reference = context.getServiceReference(type);
        T service = reference == null ? null : context.getService(reference);
        if (service == null) {
            throw new WhereforeException(ErrorCode.STORAGE, "the models of this home can't be opened (" + type.getSimpleName()
                    + " does not run); the home's logs say why");
        }
        return service;
    }

    @Override
    public JsonNode list() {
        ArrayNode out = Json.object().putArray("items");
        registry.names().forEach(n -> out.add(summary(n)));
        return out;
    }

    private ObjectNode summary(String name) {
        ObjectNode out = Json.object().put("name", name);
        out.put("latest", registry.versions(name).stream().mapToInt(v -> v.info().version()).max().orElse(0));
        ObjectNode aliases = out.putObject("aliases");
        new TreeMap<>(registry.aliases(name)).forEach(aliases::put);
        return out;
    }

    private List<ModelVersion> versions(String name) {
        List<ModelVersion> versions = registry.versions(name);
        if (versions.isEmpty()) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "there is no model '" + name + "'; there are " + registry.names());
        }
        return versions;
    }

    @Override
    public JsonNode show(String name) {
        List<ModelVersion> versions = versions(name);
        ObjectNode out = summary(name);
        ArrayNode all = out.putArray("versions");
        versions.forEach(v -> all.add(version(v)));
        ArrayNode transitions = out.putArray("transitions");
        registry.transitions(name).forEach(t -> transitions.add(transition(t)));
        return out;
    }

    private ObjectNode version(ModelVersion v) {
        ObjectNode out = Json.object().put("name", v.info().name()).put("version", v.info().version()).put("engine", v.info().engine())
                .put("digest", v.info().digest()).put("created", v.created().toString());
        ArrayNode aliases = out.putArray("aliases");
        registry.aliases(v.info().name()).entrySet().stream().filter(a -> a.getValue() == v.info().version()).map(Map.Entry::getKey).sorted()
                .forEach(aliases::add);
        ObjectNode provenance = out.putObject("provenance");
        v.provenance().forEach(provenance::put);
        Json.put(out.putObject("metrics"), v.metrics());
        return out;
    }

    private static ObjectNode transition(Transition t) {
        ObjectNode out = Json.object().put("sequence", t.sequence()).put("model", t.model()).put("kind", t.kind()).put("alias", t.alias())
                .put("from", t.from()).put("to", t.to());
        if (t.traffic() != null) {
            traffic(out, t.traffic());
        }
        return out.put("who", t.who()).put("why", t.why()).put("when", t.when().toString());
    }

    private static void traffic(ObjectNode out, Traffic t) {
        if (t.canary() == 0) {
            out.putNull("canary");
        } else {
            out.putObject("canary").put("version", t.canary()).put("percent", t.percent());
        }
        if (t.shadow() == 0) {
            out.putNull("shadow");
        } else {
            out.putObject("shadow").put("version", t.shadow());
        }
    }

    @Override
    public JsonNode traffic(String name) {
        versions(name);
        ServingState s = serving.state(name);
        ObjectNode out = Json.object().put("model", name);
        if (s.champion() == 0) {
            out.putNull("champion");
        } else {
            out.put("champion", s.champion());
        }
        traffic(out, s.traffic());
        out.putArray("versions"); // nobody is answered in this process
        return out;
    }

    @Override
    public JsonNode promote(String name, int version, String alias, String why) {
        versions(name);
        return alias(serving.promote(name, alias, version, ModelServing.ANY, WHO, why));
    }

    @Override
    public JsonNode rollback(String name, String alias, String why) {
        versions(name);
        return alias(serving.rollback(name, alias, ModelServing.ANY, WHO, why));
    }

    private static JsonNode alias(Transition t) {
        return Json.object().put("model", t.model()).put("alias", t.alias()).put("version", t.to());
    }

    @Override
    public JsonNode split(String name, Traffic traffic, String why) {
        versions(name);
        serving.split(name, traffic, ModelServing.ANY, WHO, why);
        return traffic(name);
    }

    @Override
    public void export(ModelRef ref, Path file) {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW))) {
            archives.write(ref, out);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't write " + file + ": " + e, e);
        }
    }

    @Override
    public JsonNode importArchive(String name, Path file, String why) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return version(serving.importArchive(name, in, WHO, why));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "can't read " + file + ": " + e, e);
        }
    }

    @Override
    public JsonNode prune(String name, Retention retention, boolean dryRun, String why) {
        versions(name);
        ObjectNode out = Json.object().put("model", name).put("dryRun", dryRun);
        ArrayNode versions = out.putArray("versions");
        (dryRun ? registry.prunable(name, retention) : serving.prune(name, retention, WHO, why).stream().map(Transition::from).toList())
                .forEach(versions::add);
        return out;
    }
}
