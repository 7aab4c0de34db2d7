namespace Aegis.Policies;

/// <summary>For whom something in an answer is meant.</summary>
public enum PayloadKind
{
    /// <summary>Instructions for a model that reads the answer.</summary>
    Instructions,

    /// <summary>HTML that runs or embeds something where the answer is shown.</summary>
    Script,

    /// <summary>SQL that breaks out of a query or destroys data.</summary>
    Sql,
}
