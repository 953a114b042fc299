package dev.cetera.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/// Verifies PS256, PS384 and PS512 with the salt as long as the hash, which is the standard's, or as long as
/// the key allows, which is what members of etcd sign with. Shared.
final class PssVerifier extends BaseJWSProvider implements JWSVerifier {
    private final RSAPublicKey key;
    private final RSASSAVerifier standard;

    PssVerifier(RSAPublicKey key) {
        super(JWSAlgorithm.Family.RSA);
        this.key = key;
        this.standard = new RSASSAVerifier(key);
    }

    @Override
    public boolean verify(JWSHeader header, byte[] signed, Base64URL signature) throws JOSEException {
        return standard.verify(header, signed, signature)
                || (header.getCriticalParams() == null && withLongSalt(header.getAlgorithm(), signed, signature));
    }

    private boolean withLongSalt(JWSAlgorithm algorithm, byte[] signed, Base64URL signature) throws JOSEException {
        int bits = Integer.parseInt(algorithm.getName().substring(2));
        int salt = (key.getModulus().bitLength() + 6) / 8 - bits / 8 - 2;
        if (salt < 0) {
            return false;
        }
        var hash = "SHA-" + bits;
        try {
            var verifier = Signature.getInstance("RSASSA-PSS");
            verifier.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, 1));
            verifier.initVerify(key);
            verifier.update(signed);
            return verifier.verify(signature.decode());
        } catch (GeneralSecurityException unfit) {
            throw new JOSEException(unfit.getMessage(), unfit);
        }
    }
}
