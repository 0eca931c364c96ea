package org.wherefore.core.internal.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipFile;
import jdk.security.jarsigner.JarSigner;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.plugin.Signature;

/** Jars signed with keys that the JDK's keytool makes. */
class TrustedJarsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();
    @TempDir
    static Path keys;
    private static KeyStore store;
    @TempDir
    Path home;
    private TrustedJars trust;

    @BeforeAll
    static void makeKeys() throws Exception {
        key("author", "-validity", "365");
        key("stranger", "-validity", "365");
        key("late", "-startdate", "-30d", "-validity", "10");
        key("early", "-startdate", "+30d", "-validity", "10");
        key("server", "-validity", "365", "-ext", "EKU=serverAuth");
        key("issuer", "-validity", "365", "-ext", "bc:c");
        key("issued", "-validity", "365");
        keytool("-certreq", "-alias", "issued", "-file", keys.resolve("request").toString());
        keytool("-gencert", "-alias", "issuer", "-infile", keys.resolve("request").toString(), "-outfile", keys.resolve("issued.cer").toString(),
                "-ext", "EKU=codeSigning", "-validity", "100");
        store = KeyStore.getInstance(keys.resolve("store.p12").toFile(), PASSWORD);
    }

    private static void key(String alias, String... more) throws Exception {
        List<String> line = new ArrayList<>(List.of("-genkeypair", "-alias", alias, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=" + alias));
        line.addAll(List.of(more));
        keytool(line.toArray(String[]::new));
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        line.addAll(List.of(arguments));
        line.addAll(List.of("-keystore", keys.resolve("store.p12").toString(), "-storetype", "PKCS12", "-storepass", new String(PASSWORD)));
        Process p = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(p.getInputStream().readAllBytes());
        assertThat(p.waitFor()).as(said).isZero();
    }

    @BeforeEach
    void trustTheAuthor() throws Exception {
        trust = new TrustedJars(home.resolve("trust"), null);
        trusted("author", store.getCertificate("author"));
    }

    private void trusted(String name, Certificate c) throws Exception {
        Files.createDirectories(home.resolve("trust"));
        Files.write(home.resolve("trust/" + name + ".cer"), c.getEncoded());
    }

    @Test
    void whatATrustedAuthorSignedIsLetIn() throws Exception {
        assertThat(trust.admit(signed("author"))).isEqualTo(new Signature(Signature.TRUSTED, "CN=author", ""));
    }

    @Test
    void aCertificateOfATrustedIssuerIsEnough() throws Exception {
        trusted("issuer", store.getCertificate("issuer"));
        List<Certificate> chain = new ArrayList<>();
        try (InputStream in = Files.newInputStream(keys.resolve("issued.cer"))) {
            chain.addAll(CertificateFactory.getInstance("X.509").generateCertificates(in));
        }
        chain.add(store.getCertificate("issuer"));
        Path jar = sign(jar(), (PrivateKey) store.getKey("issued", PASSWORD), chain);
        assertThat(trust.admit(jar).state()).isEqualTo(Signature.TRUSTED);
        Files.delete(home.resolve("trust/issuer.cer"));
        assertThat(trust.examine(jar).state()).isEqualTo(Signature.INVALID);
    }

    @Test
    void whatNobodySignedIsLetInUntilThereIsACertificate() throws Exception {
        refused(jar(), Signature.UNSIGNED, "here plugins have to be signed (wherefore.plugins.trust=signed)");
        assertThat(new TrustedJars(home.resolve("trust"), "unsigned").admit(jar()).state()).isEqualTo(Signature.UNSIGNED);
        Files.delete(home.resolve("trust/author.cer"));
        assertThat(trust.policy()).isEqualTo("unsigned");
        assertThat(trust.admit(jar()).state()).isEqualTo(Signature.UNSIGNED);
        assertThat(new TrustedJars(home.resolve("trust"), "sigend").policy()).as("a misspelt policy is the strictest").isEqualTo("signed");
    }

    @Test
    void whatWasChangedSinceIsNotLetIn() throws Exception {
        Path good = signed("author");
        refused(changed(good, e -> e.put("a.txt", "other")), Signature.MODIFIED, "a.txt");
        refused(changed(good, e -> e.put("extra.txt", "more")), Signature.MODIFIED, "'extra.txt' is not signed");
        refused(changed(good, e -> e.remove("b.txt")), Signature.MODIFIED, "'b.txt' was signed and has been taken out");
        refused(changed(good, e -> e.computeIfPresent("META-INF/MANIFEST.MF", (n, t) -> t.replace("Bundle-SymbolicName: com.example.mine",
                "Bundle-SymbolicName: com.example.evil"))), Signature.MODIFIED, "not what was signed");
        refused(changed(good, e -> e.keySet().removeIf(n -> n.endsWith(".EC"))), Signature.INVALID, "incomplete");
        new TrustedJars(home.resolve("trust"), "unsigned").admit(good);
        assertThatThrownBy(() -> new TrustedJars(home.resolve("trust"), "unsigned").admit(changed(good, e -> e.put("a.txt", "other"))))
                .as("whatever the policy").hasMessageContaining("'modified'");
    }

    @Test
    void otherSignersAreNotLetIn() throws Exception {
        refused(signed("stranger"), Signature.INVALID, "signed by CN=stranger, whom this home does not trust");
        for (String who : List.of("late", "early", "server")) {
            trusted(who, store.getCertificate(who));
        }
        refused(signed("late"), Signature.INVALID, "has expired");
        refused(signed("early"), Signature.INVALID, "is not valid yet");
        refused(signed("server"), Signature.INVALID, "is not for signing code");
    }

    @Test
    void partsByDifferentSignersAreNotLetIn() throws Exception {
        Path mixed = sign(changed(signed("stranger"), e -> e.put("late.txt", "by the author only")), (PrivateKey) store.getKey("author", PASSWORD),
                List.of(store.getCertificate("author")));
        assertThat(trust.examine(mixed).state()).as("all of it is signed by the author, too").isEqualTo(Signature.TRUSTED);
    }

    @Test
    void aFileThatIsNoCertificateIsNamed() throws Exception {
        Files.writeString(home.resolve("trust/notes.txt"), "hello");
        assertThatThrownBy(() -> trust.examine(jar())).isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
                .hasMessageContaining("notes.txt");
    }

    private void refused(Path jar, String state, String words) {
        assertThat(trust.examine(jar).state()).isEqualTo(state);
        assertThatThrownBy(() -> trust.admit(jar)).isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED))
                .hasMessageContaining("'" + state + "'").hasMessageContaining(words);
    }

    private interface Change {
        void to(Map<String, String> entries);
    }

    /** The same entries in the same order, changed. */
    private Path changed(Path jar, Change change) throws IOException {
        Map<String, byte[]> before = new LinkedHashMap<>();
        Map<String, String> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (var e : zip.stream().toList()) {
                byte[] bytes = zip.getInputStream(e).readAllBytes();
                before.put(e.getName(), bytes);
                entries.put(e.getName(), new String(bytes, StandardCharsets.ISO_8859_1));
            }
        }
        change.to(entries);
        Path out = Files.createTempFile(home, "changed", ".jar");
        try (java.util.zip.ZipOutputStream zip = new java.util.zip.ZipOutputStream(Files.newOutputStream(out))) {
            for (Map.Entry<String, String> e : entries.entrySet()) {
                zip.putNextEntry(new JarEntry(e.getKey()));
                zip.write(e.getValue().getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return out;
    }

    private Path signed(String alias) throws Exception {
        return sign(jar(), (PrivateKey) store.getKey(alias, PASSWORD), List.of(store.getCertificate(alias)));
    }

    private Path sign(Path jar, PrivateKey key, List<Certificate> chain) throws Exception {
        Path out = Files.createTempFile(home, "signed", ".jar");
        try (ZipFile in = new ZipFile(jar.toFile()); OutputStream to = Files.newOutputStream(out)) {
            new JarSigner.Builder(key, CertificateFactory.getInstance("X.509").generateCertPath(chain)).signerName("S" + Math.abs(chain.hashCode() % 1000)).build()
                    .sign(in, to);
        }
        Files.move(out, out.resolveSibling(out.getFileName() + ".jar"), StandardCopyOption.REPLACE_EXISTING);
        return out.resolveSibling(out.getFileName() + ".jar");
    }

    private Path jar() throws IOException {
        Manifest m = new Manifest();
        m.getMainAttributes().putValue("Manifest-Version", "1.0");
        m.getMainAttributes().putValue("Bundle-SymbolicName", "com.example.mine");
        Path out = Files.createTempFile(home, "plain", ".jar");
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(out), m)) {
            for (String name : List.of("a.txt", "b.txt")) {
                jar.putNextEntry(new JarEntry(name));
                jar.write(name.getBytes(StandardCharsets.UTF_8));
            }
        }
        try (JarFile file = new JarFile(out.toFile())) {
            assertThat(file.getManifest()).isNotNull();
        }
        return out;
    }
}
