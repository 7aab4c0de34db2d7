namespace Aegis.Auditing;

/// <summary>What a record keeps of an inspection so that it can be replayed.</summary>
internal interface IAuditContent
{
    /// <summary>As it stands in the record.</summary>
    string Seal();

    /// <summary>The same where it cannot be kept: says so.</summary>
    string Missing(string why);
}
