Console.WriteLine("offpeak");
