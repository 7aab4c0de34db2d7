namespace ChatService;

/// <summary>What a user says.</summary>
internal sealed record ChatRequest(string? Message);
