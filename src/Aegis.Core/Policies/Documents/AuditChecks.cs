namespace Aegis.Policies.Documents;

/// <summary>What members of <c>audit</c> say against each other.</summary>
internal static class AuditChecks
{
    /// <summary>Why a content's key is refused that has another name and the same secret, too.</summary>
    public const string IsChainKey = "is a key of the chain too, so that whoever verifies the log could read the content. Give it one of its own.";

    public static void Check(AuditPolicy audit, PolicyChecks checks)
    {
        if (audit is not { Transports: { } transports, Keys: { } keys, Path: { Length: > 0 } path })
        {
            return;   // a mistake that was named
        }

        var hasFile = transports.Contains(AuditPolicy.JsonFile, StringComparer.Ordinal);
        if (transports.Count == 0)
        {
            checks.Add(PolicyErrorCodes.Missing, "$.audit.transports", "is empty, so that nothing would be recorded. Use 'json-file', 'console', 'logger', 'otel' or a transport of yours, or leave 'audit' out.");
        }
        else if (audit.Required && transports.All(static name => name is AuditPolicy.Console or AuditPolicy.Logger or AuditPolicy.Otel))
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.audit.required", "needs a transport that keeps records. Add 'json-file' or one of yours to audit.transports.");
        }

        if (audit.Key is not null && keys.Count > 0)
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.audit.key", "stands beside audit.keys. Keep one of them: in keys its id is 'default'.");
        }

        if (audit.Key is { Length: > 0 } key && !SecretSource.IsReference(key) && checks.StandsInFile("$.audit.key"))
        {
            checks.Add(PolicyErrorCodes.Secret, "$.audit.key", "is a secret in a file. Write '${env:NAME}' and set the variable, or '${config:PATH}'.");
        }

        if (audit.ContentKey is { Length: > 0 } content && !SecretSource.IsReference(content) && checks.StandsInFile("$.audit.contentKey"))
        {
            checks.Add(PolicyErrorCodes.Secret, "$.audit.contentKey", "is a secret in a file. Write '${env:NAME}' and set the variable, or '${config:PATH}'.");
        }

        if (audit.Content != AuditContentMode.None && audit.ContentKey is null)
        {
            checks.Add(PolicyErrorCodes.Missing, "$.audit.contentKey", "is missing, so that no content could be sealed or hashed. Add \"contentKey\": \"${env:AEGIS_AUDIT_CONTENT_KEY}\"; 'aegis key new' makes one.");
        }

        if (audit.ContentKey is not null && audit.AllKeys.Any(key => string.Equals(key?.Secret, audit.ContentKey, StringComparison.Ordinal)))
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.audit.contentKey", IsChainKey);
        }

        if (audit.BackPressure == AuditBackPressure.Spill && !hasFile)
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.audit.backPressure", "spills what a file cannot take, and there is none. Add 'json-file' to audit.transports, or use 'block'.");
        }

        if (audit.BackPressure == AuditBackPressure.Spill && Same(audit.SpillPath, path))
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.audit.spillTo", "is the file of audit.path itself. Name another one, best on another disk.");
        }

        if (audit.CheckpointTo is null)
        {
            return;
        }

        if (!hasFile || string.Equals(audit.CheckpointTo, AuditPolicy.JsonFile, StringComparison.Ordinal) || (audit.HasCheckpointFile && (Same(audit.CheckpointTo, path) || Same(audit.CheckpointTo, audit.SpillPath))))
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.audit.checkpointTo", hasFile ? "is where the records are. Name another place, best where whoever writes the log cannot write." : "copies checkpoints of a file, and there is none. Add 'json-file' to audit.transports, or leave it out.");
        }
    }

    private static bool Same(string path, string other) => !path.Contains('\0') && !other.Contains('\0') && string.Equals(Path.GetFullPath(path), Path.GetFullPath(other), StringComparison.Ordinal);
}
