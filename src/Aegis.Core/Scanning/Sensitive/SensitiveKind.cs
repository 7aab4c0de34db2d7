namespace Aegis.Scanning.Sensitive;

/// <summary>What a value is.</summary>
internal enum SensitiveKind
{
    /// <summary>Says something of a person.</summary>
    Personal,

    /// <summary>Opens something.</summary>
    Secret,

    /// <summary>Is meant for whoever reads the answer next: a model, a browser, a database.</summary>
    Payload,
}
