namespace Aegis.Sandboxing;

/// <summary>A member of an object of a schema.</summary>
internal sealed record ExtractionMember(string Name, ExtractionNode Node, bool IsRequired);
