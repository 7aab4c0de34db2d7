namespace Aegis.Policies;

/// <summary>What a policy document is written in.</summary>
public enum PolicyFormat
{
    /// <summary>JSON, RFC 8259.</summary>
    Json,

    /// <summary>YAML 1.2 as far as it says what JSON can say.</summary>
    Yaml,
}
