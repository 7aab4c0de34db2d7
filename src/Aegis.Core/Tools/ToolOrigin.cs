namespace Aegis.Tools;

/// <summary>What the policy says of what a tool returns.</summary>
/// <param name="IsExternal">Anybody can write there: nothing in it is evidence.</param>
/// <param name="IsTrusted">Nobody but the app writes there.</param>
/// <param name="IsPrivate">Whether it is not for everybody; null: to be inferred.</param>
internal readonly record struct ToolOrigin(bool IsExternal, bool IsTrusted, bool? IsPrivate);
