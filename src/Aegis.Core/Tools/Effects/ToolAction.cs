using System.Collections.Frozen;

namespace Aegis.Tools.Effects;

/// <summary>A kind of doing: by which verbs tools name it, and by which verbs people ask for it.</summary>
/// <param name="Id">For example <c>pay</c>.</param>
/// <param name="Reach">How far it goes.</param>
/// <param name="Tool">Verbs in names and descriptions of tools.</param>
/// <param name="Say">Verbs of requests.</param>
/// <param name="Objects">Kinds of objects that it is about unless the tool's name says another.</param>
/// <param name="Targets">Whether it is done to something that exists, so that what it is done to must be said.</param>
/// <param name="IsSoft">Whether its tools stand for many ways of working on a thing: to mark, to move or to close a deal is to update it.</param>
internal sealed record ToolAction(string Id, ToolReach Reach, FrozenSet<string> Tool, FrozenSet<string> Say, FrozenSet<string> Objects, bool Targets, bool IsSoft);
