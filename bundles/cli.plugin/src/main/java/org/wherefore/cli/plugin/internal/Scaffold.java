package org.wherefore.cli.plugin.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/** A plugin project from the files of an archetype, without Maven and without a network. One thread. */
final class Scaffold {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    private static final Pattern JAVA = Pattern.compile("[a-z_][a-z0-9_]*(\\.[a-z_][a-z0-9_]*)*");
    private static final Pattern TOKEN = Pattern.compile("\\$\\{([A-Za-z]+)\\}");
    private static final Map<String, String> SUFFIX = Map.of("explainer", "Explainer", "connector", "Connector", "extractor", "Extractor", "domain", "Pack");
    private final Path sdk;

    /** @param sdk with the folders {@code archetypes} and {@code repository} */
    Scaffold(Path sdk) {
        this.sdk = sdk;
    }

    /**
     * @param dir the folder to make, null for one of that name here
     * @param group null for {@code com.example}
     * @param packageName null for group, kind and name
     * @throws WhereforeException {@code INVALID_INPUT} for what is no name, {@code CONFLICT} when the folder holds something, {@code STORAGE}
     */
    void create(String kind, String name, String dir, String group, String packageName) {
        if (!SUFFIX.containsKey(kind)) {
            throw WhereforeException.invalid("KIND", "a plugin is one of " + SUFFIX.keySet().stream().sorted().toList() + ", got '" + kind + "'");
        }
        if (!NAME.matcher(name).matches()) {
            throw WhereforeException.invalid("NAME", "a plugin's name is small letters and digits, with '-' between words, such as my-strategy; got '"
                    + name + "'");
        }
        String groupId = group == null ? "com.example" : group;
        String java = packageName == null ? groupId.replace('-', '_') + "." + kind + "." + name.replace("-", "") : packageName;
        if (!NAME.matcher(groupId.replace('.', '-')).matches()) {
            throw WhereforeException.invalid("--group", "--group is a Maven group such as com.example, got '" + groupId + "'");
        }
        if (!JAVA.matcher(java).matches() || java.equals("org.wherefore") || java.startsWith("org.wherefore.")) {
            throw WhereforeException.invalid("--package", "--package is a Java package of your own, such as com.example.mine, got '" + java + "'");
        }
        Path folder = Path.of(dir == null ? name : dir).toAbsolutePath().normalize();
        Map<String, String> values = new TreeMap<>(Map.of("groupId", groupId, "artifactId", java, "version", "1.0.0", "package", java,
                "pluginName", name, "className", className(name) + SUFFIX.get(kind), "sdk", sdk.resolve("repository").toUri().toString().replaceFirst("/$", "")));
        try {
            if (Files.exists(folder) && (!Files.isDirectory(folder) || !empty(folder))) {
                throw new WhereforeException(ErrorCode.CONFLICT, folder + " is there and not empty; choose another with --dir");
            }
            write(sdk.resolve("archetypes").resolve(kind), folder, values);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the project can't be written to " + folder + ": " + e, e);
        }
        System.out.printf("%s: the %s '%s' as a Maven project%n%nnext:%n  cd %s%n  mvn verify%n  wherefore plugin install target/%s-1.0.0.jar%n", folder, kind,
                name, folder, java);
    }

    private static void write(Path archetype, Path folder, Map<String, String> values) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(archetype)) {
            files = all.filter(Files::isRegularFile).sorted(Comparator.naturalOrder()).toList();
        }
        for (Path f : files) {
            String path = archetype.relativize(f).toString().replace('\\', '/').replace("__className__", values.get("className"));
            path = path.replaceFirst("^(src/(?:main|test)/java)/", "$1/" + values.get("package").replace('.', '/') + "/");
            Path file = folder.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, TOKEN.matcher(Files.readString(f)).replaceAll(m -> Matcher.quoteReplacement(
                    values.getOrDefault(m.group(1), m.group()))));
        }
    }

    private static boolean empty(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.findAny().isEmpty();
        }
    }

    private static String className(String name) {
        StringBuilder out = new StringBuilder();
        for (String word : name.split("-")) {
            out.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return out.toString();
    }
}
