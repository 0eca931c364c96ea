package org.wherefore.launcher.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Where a server listens, as the settings {@code http.…} say: on this machine only, unless {@code http.host} names another address; by TLS when
 * {@code http.tls.keystore} names a key store. Other machines by plain HTTP need {@code http.plain=true}: keys then travel in the clear.
 *
 * @param keyStore null for plain HTTP
 */
record Listening(String host, int port, Path keyStore, String keyStoreType, String keyStorePassword, String keyPassword) {
    private static final int PROBE_MILLIS = 2_000;
    /** How long a connection may be silent in the midst of a request, or between two. */
    private static final int IDLE_MILLIS = 30_000;

    /** @throws LaunchException naming the setting */
    static Listening of(HomeSettings settings, Path home, int port) {
        String host = settings.get("http.host", "127.0.0.1");
        String store = settings.get("http.tls.keystore", null);
        Path keyStore = store == null ? null : home.resolve(store);
        String password = settings.get("http.tls.keystorePassword", null);
        if (keyStore != null && (password == null || !Files.isReadable(keyStore))) {
            throw new LaunchException(password == null ? "http.tls.keystore is set, so http.tls.keystorePassword is needed: ${env:NAME} or ${file:PATH}"
                    : "http.tls.keystore names " + keyStore + ", which can't be read");
        }
        Listening l = new Listening(host, port, keyStore, settings.get("http.tls.keystoreType", "PKCS12"), password,
                settings.get("http.tls.keyPassword", password));
        if (!l.loopback() && keyStore == null && !settings.get("http.plain", "false").equals("true")) {
            throw new LaunchException("http.host=" + host + " lets other machines in, and keys would travel in the clear: set http.tls.keystore, or "
                    + "http.plain=true where something before this server does TLS");
        }
        if (keyStore != null) {
            l.trust();
        }
        return l;
    }

    boolean loopback() {
        return address().isLoopbackAddress();
    }

    private InetAddress address() {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new LaunchException("http.host=" + host + " is no address of this machine", e);
        }
    }

    /** For people. */
    String url() {
        return (keyStore == null ? "http://" : "https://") + (address().isAnyLocalAddress() ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/";
    }

    /** As the HTTP service reads them. */
    Map<String, String> properties() {
        Map<String, String> c = new TreeMap<>();
        c.put("org.apache.felix.http.host", host);
        c.put("org.apache.felix.http.context_path", "/");
        c.put("org.apache.felix.http.timeout", Integer.toString(IDLE_MILLIS));
        if (keyStore == null) {
            c.put("org.osgi.service.http.port", Integer.toString(port));
        } else {
            c.put("org.apache.felix.http.enable", "false");
            c.put("org.apache.felix.https.enable", "true");
            c.put("org.osgi.service.http.port.secure", Integer.toString(port));
            c.put("org.apache.felix.https.keystore", keyStore.toString());
            c.put("org.apache.felix.https.keystore.type", keyStoreType);
            c.put("org.apache.felix.https.keystore.password", keyStorePassword);
            c.put("org.apache.felix.https.keystore.key.password", keyPassword);
            c.put("org.apache.felix.https.jetty.protocols.included", "TLSv1.2,TLSv1.3");
        }
        return c;
    }

    /** @throws LaunchException when somebody listens there */
    void refuseBusy() {
        try (ServerSocket s = new ServerSocket()) {
            s.setReuseAddress(true);
            s.bind(new InetSocketAddress(address(), port));
        } catch (IOException e) {
            throw new LaunchException("port " + port + " is in use; choose another with --port", e);
        }
    }

    /** Whether the server there says that it is ready. */
    boolean ready() {
        InetAddress to = address().isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address();
        try (Socket socket = keyStore == null ? new Socket() : trust().getSocketFactory().createSocket()) {
            socket.connect(new InetSocketAddress(to, port), PROBE_MILLIS);
            socket.setSoTimeout(PROBE_MILLIS);
            socket.getOutputStream().write(("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(12), StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
        } catch (IOException e) {
            return false;
        }
    }

    /** Trusts the key store's own certificates, and nothing else. */
    private SSLContext trust() {
        try (InputStream in = Files.newInputStream(keyStore)) {
            KeyStore own = KeyStore.getInstance(keyStoreType);
            own.load(in, keyStorePassword.toCharArray());
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            for (String alias : Collections.list(own.aliases())) {
                if (own.getCertificate(alias) != null) {
                    trusted.setCertificateEntry(alias, own.getCertificate(alias));
                }
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new LaunchException("the key store " + keyStore + " can't be opened: wrong http.tls.keystorePassword or http.tls.keystoreType (" + keyStoreType + ")", null);
        }
    }

    /** Without passwords. */
    @Override
    public String toString() {
        return url();
    }
}
