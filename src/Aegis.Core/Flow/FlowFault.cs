namespace Aegis.Flow;

/// <summary>Why a call does not serve the user's task.</summary>
/// <param name="Rule">For example <c>flow/destination</c>.</param>
/// <param name="Detail">Which argument, and what is wrong with it; never its value.</param>
internal readonly record struct FlowFault(string Rule, string Detail);
